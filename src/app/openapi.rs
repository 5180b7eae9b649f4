//! The OpenAPI documents of the service.

use poem_openapi::{LicenseObject, OpenApi, OpenApiService};
use serde_json::Value;

use crate::{applet, mall};

/// The name of the document that holds every dialect.
const COMBINED: &str = "openapi";

/// An OpenAPI document.
pub struct Spec {
    pub name: &'static str,
    pub json: String,
}

impl Spec {
    /// Where the service serves it.
    pub(super) fn path(&self) -> String {
        if self.name == COMBINED { "/openapi.json".to_owned() } else { format!("/openapi/{}.json", self.name) }
    }
}

/// Every OpenAPI document, in a canonical form. Needs neither a database nor a secret.
pub fn specs() -> Vec<Spec> {
    let applet = document(applet::api(), "passport 小程序登录接口", applet::DESCRIPTION);
    let mall = document(mall::api(), "passport 商城登录接口", mall::DESCRIPTION);
    vec![
        Spec { name: COMBINED, json: canonical(&combined().spec()) },
        Spec { name: "applet", json: canonical(&applet.spec()) },
        Spec { name: "mall", json: canonical(&mall.spec()) },
    ]
}

/// The operations of every dialect.
pub(super) fn combined() -> OpenApiService<impl OpenApi, ()> {
    let description = format!(
        "# 小程序 `/applet/login`\n\n{}\n# 商城 `/users`、`/wechat.auth`\n\n{}",
        applet::DESCRIPTION,
        mall::DESCRIPTION
    );
    document((applet::api(), mall::api()), "passport", &description)
}

/// The document of every dialect as Swagger UI shows it: in the order of declaration.
pub(super) fn combined_in_reading_order() -> String {
    with_tags_in_order(&combined().spec()).to_string()
}

fn document<T: OpenApi>(api: T, title: &str, description: &str) -> OpenApiService<T, ()> {
    OpenApiService::new(api, title, env!("CARGO_PKG_VERSION"))
        .description(description)
        .license(LicenseObject::new("MIT").url("https://opensource.org/license/mit"))
        .server("/")
}

/// Sorts the list of tags by their first use; the framework sorts it by name.
fn with_tags_in_order(spec: &str) -> Value {
    let mut document: Value = serde_json::from_str(spec).expect("the framework writes JSON");
    let operations = document["paths"].as_object().into_iter().flatten().flat_map(|(_, path)| path.as_object());
    let used: Vec<Value> = operations.flatten().map(|(_, operation)| operation["tags"][0].clone()).collect();
    if let Some(tags) = document["tags"].as_array_mut() {
        tags.sort_by_key(|tag| used.iter().position(|name| *name == tag["name"]));
    }
    document
}

/// Sorts the keys everywhere but in examples, where their order is documented.
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
    format!("{:#}\n", sort(with_tags_in_order(spec)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;

    /// The operationIds that more than one operation has, each with its operations.
    ///
    /// Schemas need no such check: the framework panics when it writes a document in which two types share a name.
    fn shared_operation_ids<'a>(specs: impl IntoIterator<Item = &'a Spec>) -> Vec<String> {
        let mut operations: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for spec in specs {
            let document: Value = serde_json::from_str(&spec.json).unwrap();
            for (path, methods) in document["paths"].as_object().unwrap() {
                for (method, operation) in methods.as_object().unwrap() {
                    let operation_id = operation["operationId"].as_str().expect("every operation has an id");
                    operations.entry(operation_id.to_owned()).or_default().push(format!("{method} {path}"));
                }
            }
        }
        let shared = operations.into_iter().filter(|(_, operations)| operations.len() > 1);
        shared.map(|(operation_id, operations)| format!("{operation_id}: {}", operations.join(", "))).collect()
    }

    #[test]
    fn no_two_operations_of_all_dialects_share_an_operation_id() {
        let specs = specs();
        let dialects: Vec<&Spec> = specs.iter().filter(|spec| spec.name != COMBINED).collect();
        assert!(dialects.len() > 1);
        assert_eq!(shared_operation_ids(dialects), [""; 0]);
    }

    #[test]
    fn an_operation_id_that_two_dialects_share_is_named_with_its_operations() {
        let spec = |name, path: &str, operation_id: &str| {
            let json = json!({"paths": {path: {"post": {"operationId": operation_id}}}}).to_string();
            Spec { name, json }
        };
        let specs = [spec("one", "/one/logout", "logout"), spec("two", "/two/logout", "logout")];
        assert_eq!(shared_operation_ids(&specs), ["logout: post /one/logout, post /two/logout"]);
        assert_eq!(shared_operation_ids(&specs[..1]), [""; 0]);
    }
}
