//! Every documented example: its request, sent to a running service, gets the documented answer. The files under
//! `tests/examples` say what the document says; no tool rewrites them.

use std::{collections::BTreeSet, fs, path::PathBuf, sync::LazyLock};

use insta::{Settings, assert_json_snapshot, dynamic_redaction};
use regex::Regex;
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::service::{Answer, Service};

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// The file of a documented example.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Example {
    #[serde(rename = "operationId")]
    operation_id: String,
    request: Request,
    response: Response,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    method: String,
    path: String,
    content_type: Option<String>,
    /// JSON, or the text of a form.
    #[serde(default)]
    body: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Response {
    status: u16,
    body: Value,
}

/// A test for each file, and the list of them.
macro_rules! documented {
    ($($story:ident: $file:literal, given $given:ident;)*) => {
        const TESTED: &[&str] = &[$($file),*];

        $(#[tokio::test]
        async fn $story() {
            let example = read($file);
            for content_type in body_types(&example) {
                let service = Service::start().await;
                let token = $given(&service).await;
                let answer = example.request.send(&service, content_type, &token).await;
                compare(&example.response, &answer);
                snapshot($file, &answer);
            }
        })*
    };
}

documented! {
    wx_login: "wxLogin", given the_documented_user;
    get_phone_number: "getPhoneNumber", given the_documented_user;
    bind_phone_number: "bindPhoneNumber", given the_documented_user;
    refresh_token: "refreshToken", given the_documented_user;
    logout: "logout", given the_documented_user;
    check_login: "checkLogin", given the_documented_user;
    get_user_info: "getUserInfo", given the_documented_user;
    update_user_info: "updateUserInfo", given the_documented_user;
    token_invalid: "checkLogin-token-invalid", given a_user_who_logged_out;
    user_gone: "getUserInfo-user-gone", given a_user_who_was_deleted;
    code_invalid: "wxLogin-code-invalid", given the_documented_user;
    phone_taken: "bindPhoneNumber-phone-taken", given a_user_whose_phone_is_taken;
}

/// Logs in with the documented code and fills in what the document shows of the user. Returns a token.
async fn the_documented_user(service: &Service) -> String {
    let token = service.wx_login("wx_login_code_here").await.logged_in().token;
    service.bind_phone(&token, "phone_code_here").await.result("绑定成功");
    let shown = json!({"avatar": "https://example.com/avatar.jpg", "bmi": 22.5, "fat": 15.2});
    service.update_user_info(&token, shown).await.result("更新成功");
    token
}

async fn a_user_who_logged_out(service: &Service) -> String {
    let token = service.log_in("wx_openid_123").await.token;
    service.log_out(&token).await.result("退出成功");
    token
}

async fn a_user_who_was_deleted(service: &Service) -> String {
    let user = service.log_in("wx_openid_123").await;
    assert!(service.operator().await.delete(user.id).await.expect("a database"));
    user.token
}

async fn a_user_whose_phone_is_taken(service: &Service) -> String {
    let other = service.log_in("wx_openid_124").await;
    service.bind_phone(&other.token, "phone_code_here").await.result("绑定成功");
    service.log_in("wx_openid_123").await.token
}

#[test]
fn every_documented_example_and_every_operation_has_a_test() {
    let files = fs::read_dir(folder()).expect("the examples").map(|entry| entry.expect("a file").path());
    let files: BTreeSet<String> = files
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| path.file_stem().expect("a name").to_string_lossy().into_owned())
        .collect();
    assert_eq!(files, TESTED.iter().map(|name| (*name).to_owned()).collect());

    let spec = exported_spec();
    let operations: BTreeSet<&str> =
        operations(&spec).map(|(_, operation)| operation["operationId"].as_str().expect("an id")).collect();
    let succeeding: Vec<Example> = TESTED.iter().map(|name| read(name)).filter(|e| e.response.status == 200).collect();
    assert_eq!(operations, succeeding.iter().map(|example| example.operation_id.as_str()).collect());
}

#[test]
fn every_example_in_the_spec_is_the_documented_one() {
    let spec = exported_spec();
    for example in TESTED.iter().map(|name| read(name)) {
        let (path, operation) = operations(&spec)
            .find(|(_, operation)| operation["operationId"] == example.operation_id.as_str())
            .expect("an operation");
        let request = &example.request;
        assert_eq!(request.path.split('?').next(), Some(path));

        let schema = &operation["responses"][example.response.status.to_string()]["content"][JSON]["schema"];
        assert_same(&resolve(&spec, schema)["example"], &example.response.body, path);

        if example.response.status != 200 {
            continue;
        }
        if request.method == "GET" {
            let parameter = &operation["parameters"][0];
            let query = format!("{path}?{}={}", text(&parameter["name"]), text(&parameter["schema"]["example"]));
            assert_eq!(query, request.path);
        }
        for content_type in body_types(&example).into_iter().flatten() {
            let schema = &operation["requestBody"]["content"][content_type]["schema"];
            assert_same(&resolve(&spec, schema)["example"], &Value::Object(request.fields()), path);
        }
    }
}

impl Request {
    /// The fields of the body, whichever type it is documented in.
    fn fields(&self) -> Map<String, Value> {
        match &self.body {
            Value::Object(fields) => fields.clone(),
            body => url::form_urlencoded::parse(text(body).as_bytes())
                .map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())))
                .collect(),
        }
    }

    /// Sends the request, its body as documented or as the same fields in the other type, with a token that works
    /// in the place of the documented one.
    async fn send(&self, service: &Service, content_type: Option<&str>, token: &str) -> Answer {
        let with_token = |text: &str| text.replace("user_token_here", token).replace("old_token_here", token);
        let method = Method::from_bytes(self.method.as_bytes()).expect("a method");
        let mut request = service.request(method, &with_token(&self.path));
        if let Some(content_type) = content_type {
            let body = match (&self.body, content_type) {
                (Value::String(form), FORM) => form.clone(),
                (_, FORM) => {
                    let mut form = url::form_urlencoded::Serializer::new(String::new());
                    for (name, value) in self.fields() {
                        form.append_pair(&name, &value.as_str().map_or_else(|| value.to_string(), str::to_owned));
                    }
                    form.finish()
                }
                _ => Value::Object(self.fields()).to_string(),
            };
            request = request.header("content-type", content_type).body(with_token(&body));
        }
        service.send(request).await
    }
}

/// Nothing for a GET; otherwise both types, since every POST takes both.
fn body_types(example: &Example) -> Vec<Option<&'static str>> {
    match &example.request.content_type {
        None => vec![None],
        Some(content_type) => {
            assert!([JSON, FORM].contains(&content_type.as_str()), "{content_type}");
            vec![Some(FORM), Some(JSON)]
        }
    }
}

/// What the document shows one instance of: the documented value and its shape.
static SHAPES: LazyLock<[(&str, Regex); 3]> = LazyLock::new(|| {
    let shape = |pattern| Regex::new(pattern).expect("a pattern");
    [
        ("eyJhbGciOiJIUzI1NiJ9...", shape(r"^eyJhbGciOiJIUzI1NiJ9\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{43}$")),
        ("applet_user_123", shape("^applet_user_[1-9][0-9]*$")),
        ("微信用户12345678", shape("^微信用户[0-9]{8}$")),
    ]
});

fn compare(documented: &Response, answer: &Answer) {
    assert_eq!(answer.status, documented.status, "{}", answer.text);
    let shown = put_documented(&answer.body, &documented.body);
    assert_same(&shown, &documented.body, &answer.text);
}

/// The answer with each value that has the documented shape put as the document shows it.
fn put_documented(answer: &Value, documented: &Value) -> Value {
    match (answer, documented) {
        (Value::Object(fields), Value::Object(documented)) => {
            let field = |(name, value): (&String, &Value)| {
                (name.clone(), put_documented(value, documented.get(name).unwrap_or(&Value::Null)))
            };
            Value::Object(fields.iter().map(field).collect())
        }
        (Value::String(text), documented) => {
            let fits = SHAPES.iter().any(|(instance, shape)| documented == instance && shape.is_match(text));
            if fits { documented.clone() } else { answer.clone() }
        }
        _ => answer.clone(),
    }
}

/// The whole answer: status, headers and body.
fn snapshot(name: &str, answer: &Answer) {
    let headers: Map<String, Value> =
        answer.headers.iter().map(|(name, value)| (name.to_string(), value.to_str().expect("text").into())).collect();
    let whole = json!({"status": answer.status, "headers": headers, "body": answer.body});
    let mut settings = Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let redactions = [
        (".body.result.token", "[token]", &SHAPES[0].1),
        (".body.result.id", "[id]", &SHAPES[1].1),
        (".body.result.userInfo.id", "[id]", &SHAPES[1].1),
        (".body.result.name", "[name]", &SHAPES[2].1),
        (".body.result.userInfo.name", "[name]", &SHAPES[2].1),
        (".headers.date", "[date]", &HEADER_SHAPES[0]),
        (".headers[\"x-request-id\"]", "[id]", &HEADER_SHAPES[1]),
        (".headers[\"content-length\"]", "[length]", &HEADER_SHAPES[2]),
    ];
    for (field, name, shape) in redactions {
        settings.add_redaction(
            field,
            dynamic_redaction(move |value, _| {
                let text = value.as_str().expect("a text");
                assert!(shape.is_match(text), "{field}: {text}");
                name
            }),
        );
    }
    // The one operation whose whole result is a token.
    if answer.body["result"].as_str().is_some_and(|text| SHAPES[0].1.is_match(text)) {
        settings.add_redaction(".body.result", "[token]");
    }
    settings.bind(|| assert_json_snapshot!(name, whole));
}

/// Of the headers `date`, `x-request-id` and `content-length`.
static HEADER_SHAPES: LazyLock<[Regex; 3]> = LazyLock::new(|| {
    ["^[A-Z][a-z]{2}, .* GMT$", "^[0-9a-f]{16}$", "^[0-9]+$"].map(|shape| Regex::new(shape).expect("a pattern"))
});

/// Compares as text, because the order of the fields is documented as well.
#[track_caller]
fn assert_same(found: &Value, documented: &Value, context: &str) {
    assert_eq!(format!("{found:#}"), format!("{documented:#}"), "{context}");
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/examples/applet")
}

fn read(name: &str) -> Example {
    let text = fs::read_to_string(folder().join(name).with_extension("json")).expect("an example");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn exported_spec() -> Value {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("openapi/applet.json");
    serde_json::from_str(&fs::read_to_string(file).expect("the exported spec")).expect("JSON")
}

/// Every operation with its path.
fn operations(spec: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let paths = spec["paths"].as_object().expect("paths").iter();
    paths.flat_map(|(path, methods)| {
        methods.as_object().expect("methods").values().map(move |found| (path.as_str(), found))
    })
}

fn resolve<'a>(spec: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(reference) => spec.pointer(reference.trim_start_matches('#')).expect("a component"),
        None => schema,
    }
}

#[track_caller]
fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}
