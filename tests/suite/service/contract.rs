//! What every answer is held to: the exported spec, and the rules that stand for a whole dialect.

use std::{collections::BTreeMap, sync::LazyLock};

use jsonschema::Validator;
use reqwest::Method;
use serde_json::{Map, Value, json};

use super::Answer;

/// The schemas of an operation's answers by status.
type Answers = BTreeMap<u16, Validator>;

/// By method and path.
static OPERATIONS: LazyLock<BTreeMap<(String, String), Answers>> = LazyLock::new(|| {
    let specs = passport::specs();
    let everything = specs.iter().find(|spec| spec.name == "openapi").expect("the spec of everything");
    let spec: Value = serde_json::from_str(&everything.json).expect("JSON");
    let components = as_json_schema(spec["components"].clone());
    let mut operations = BTreeMap::new();
    for (path, methods) in spec["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            let answers = operation["responses"].as_object().expect("responses").iter().map(|(status, response)| {
                // A redirect has no body that could be held to anything.
                let schema = match &response["content"] {
                    Value::Null => json!(true),
                    content => as_json_schema(content["application/json"]["schema"].clone()),
                };
                // The references of the schema point to the components beside it.
                let whole = json!({"components": components, "allOf": [schema]});
                (status.parse().expect("a status"), jsonschema::draft202012::new(&whole).expect("a JSON schema"))
            });
            operations.insert((method.to_uppercase(), path.clone()), answers.collect());
        }
    }
    operations
});

/// An OpenAPI 3.0 schema as JSON Schema: `nullable` becomes a type. An answer may have no field that is not
/// documented.
fn as_json_schema(schema: Value) -> Value {
    match schema {
        Value::Object(fields) => {
            let mut fields: Map<String, Value> =
                fields.into_iter().map(|(key, value)| (key, as_json_schema(value))).collect();
            if fields.remove("nullable") == Some(Value::Bool(true)) {
                let kind = fields.remove("type").expect("a nullable schema has a type");
                fields.insert("type".to_owned(), json!([kind, "null"]));
            }
            if fields.get("properties").is_some_and(Value::is_object) && fields["type"] == "object" {
                fields.entry("additionalProperties").or_insert(Value::Bool(false));
            }
            Value::Object(fields)
        }
        Value::Array(items) => items.into_iter().map(as_json_schema).collect(),
        other => other,
    }
}

/// Fails the story when the answer breaks the contract.
#[track_caller]
pub(super) fn hold(method: &Method, path: &str, answer: &Answer, always_ok: bool) {
    let Some(prefix) = ["/applet/"].into_iter().find(|prefix| path.starts_with(prefix)) else { return };
    let Answer { status, body, .. } = answer;
    let what = || format!("{method} {path}: {status} {}", answer.text);

    assert_eq!(answer.header("content-type"), Some("application/json"), "{}", what());
    assert_eq!(answer.header("cache-control"), Some("no-store"), "{}", what());
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{}", what());
    if method == Method::HEAD {
        assert_eq!(answer.text, "", "{}", what());
        return;
    }
    let fields: Vec<&str> = body.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    assert_eq!(fields, ["success", "message", "code", "result"], "{}", what());
    let code = body["code"].as_u64().and_then(|code| u16::try_from(code).ok()).expect("a code");
    assert_eq!(*status, if always_ok { 200 } else { code }, "{}", what());
    if matches!(code, 429 | 503) {
        assert!(answer.retry_after().is_some_and(|seconds| seconds > 0), "no Retry-After: {}", what());
    }

    let key = (method.to_string(), path.to_owned());
    let schema = match OPERATIONS.get(&key) {
        Some(answers) => answers.get(&code).unwrap_or_else(|| panic!("not a documented status: {}", what())),
        // What is no operation is refused as any operation of its dialect would be.
        None => {
            assert!(matches!(code, 404 | 405 | 413), "{}", what());
            let (_, answers) = OPERATIONS.iter().find(|((_, path), _)| path.starts_with(prefix)).expect("an operation");
            &answers[&500]
        }
    };
    let mistakes: Vec<String> =
        schema.iter_errors(body).map(|error| format!("{error} at {}", error.instance_path())).collect();
    assert!(mistakes.is_empty(), "{}\n{}", what(), mistakes.join("\n"));
}
