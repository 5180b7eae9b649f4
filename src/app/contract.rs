//! The OpenAPI documents of the service, and what is read off them.

use std::collections::BTreeMap;

use poem_openapi::{LicenseObject, OpenApi, OpenApiService};
use serde_json::Value;

use crate::{applet, mall};

/// One OpenAPI document.
pub struct Spec {
    pub name: &'static str,
    pub json: String,
}

impl Spec {
    /// Where the service serves it.
    pub(super) fn path(&self) -> String {
        if self.name == EVERYTHING { "/openapi.json".to_owned() } else { format!("/openapi/{}.json", self.name) }
    }
}

/// The name of the document that holds every dialect.
const EVERYTHING: &str = "openapi";

/// Every OpenAPI document, sorted and stable. Neither a database nor a secret is needed to make them.
pub fn specs() -> Vec<Spec> {
    vec![
        Spec { name: EVERYTHING, json: canonical(&everything().spec()) },
        Spec {
            name: "applet",
            json: canonical(&described(applet::api(), "passport 小程序登录接口", applet::DESCRIPTION).spec()),
        },
        Spec {
            name: "mall",
            json: canonical(&described(mall::api(), "passport 商城登录接口", mall::DESCRIPTION).spec()),
        },
    ]
}

/// Every operation of every dialect.
pub(super) fn everything() -> OpenApiService<impl OpenApi, ()> {
    let description = format!(
        "# 小程序 `/applet/login`\n\n{}\n# 商城 `/users`、`/wechat.auth`\n\n{}",
        applet::DESCRIPTION,
        mall::DESCRIPTION
    );
    described((applet::api(), mall::api()), "passport", &description)
}

fn described<T: OpenApi>(api: T, title: &str, description: &str) -> OpenApiService<T, ()> {
    OpenApiService::new(api, title, env!("CARGO_PKG_VERSION"))
        .description(description)
        .license(LicenseObject::new("MIT").url("https://opensource.org/license/mit"))
        .server("/")
}

/// The document of every dialect, with its operations in the order in which a reader needs them.
pub(super) fn guide() -> String {
    in_reading_order(&everything().spec()).to_string()
}

/// The document with its tags in the order in which its operations have them.
fn in_reading_order(spec: &str) -> Value {
    let mut document: Value = serde_json::from_str(spec).expect("the framework writes JSON");
    let operations = document["paths"].as_object().into_iter().flatten().flat_map(|(_, path)| path.as_object());
    let used: Vec<Value> = operations.flatten().map(|(_, operation)| operation["tags"][0].clone()).collect();
    if let Some(tags) = document["tags"].as_array_mut() {
        tags.sort_by_key(|tag| used.iter().position(|name| *name == tag["name"]));
    }
    document
}

/// The document with its keys sorted, except where their order is part of the contract: in examples.
fn canonical(spec: &str) -> String {
    fn sort(value: Value) -> Value {
        match value {
            Value::Object(fields) => {
                let mut fields: Vec<(String, Value)> = fields.into_iter().collect();
                fields.sort_by(|(one, _), (other, _)| one.cmp(other));
                let sorted = |(key, value)| if key == "example" { (key, value) } else { (key, sort(value)) };
                Value::Object(fields.into_iter().map(sorted).collect())
            }
            Value::Array(items) => Value::Array(items.into_iter().map(sort).collect()),
            other => other,
        }
    }
    format!("{:#}\n", sort(in_reading_order(spec)))
}

/// The methods of every path, for the header `Allow`. `others` are paths that no document lists.
pub(super) fn methods<'a>(specs: &[Spec], others: impl Iterator<Item = &'a str>) -> BTreeMap<String, String> {
    const READ: &str = "GET, HEAD";
    let mut methods: BTreeMap<String, String> =
        others.map(str::to_owned).chain(specs.iter().map(Spec::path)).map(|path| (path, READ.to_owned())).collect();
    for spec in specs {
        let document: Value = serde_json::from_str(&spec.json).expect("it was written as JSON");
        for (path, operations) in document["paths"].as_object().into_iter().flatten() {
            let mut allowed: Vec<String> =
                operations.as_object().into_iter().flatten().map(|(method, _)| method.to_uppercase()).collect();
            if allowed.iter().any(|method| method == "GET") {
                allowed.push("HEAD".to_owned());
            }
            methods.insert(path.clone(), allowed.join(", "));
        }
    }
    methods
}
