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

/// What stands for a whole dialect.
struct Dialect {
    prefixes: &'static [&'static str],
    /// Checks the form of an answer and tells the documented status of what it says.
    check: fn(&Answer, always_ok: bool) -> Result<u16, String>,
}

const DIALECTS: [Dialect; 2] = [
    Dialect { prefixes: &["/applet/"], check: applet },
    Dialect { prefixes: &["/users/", "/wechat.auth/"], check: mall },
];

/// Fails the story when the answer breaks the contract.
#[track_caller]
pub(super) fn hold(method: &Method, path: &str, answer: &Answer, always_ok: bool) {
    let lives_at = |dialect: &Dialect| dialect.prefixes.iter().any(|prefix| path.starts_with(prefix));
    let Some(dialect) = DIALECTS.into_iter().find(lives_at) else { return };
    let Answer { status, body, .. } = answer;
    let what = || format!("{method} {path}: {status} {}", answer.text);

    assert_eq!(answer.header("cache-control"), Some("no-store"), "{}", what());
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{}", what());
    let is_preflight = method == Method::OPTIONS && answer.header("access-control-allow-methods").is_some();
    if is_preflight || *status == 302 {
        assert_eq!(answer.text, "", "{}", what());
        assert!(
            is_preflight || documented(method, path).is_some_and(|answers| answers.contains_key(&302)),
            "{}",
            what()
        );
        return;
    }
    assert_eq!(answer.header("content-type"), Some("application/json"), "{}", what());
    if method == Method::HEAD {
        assert_eq!(answer.text, "", "{}", what());
        return;
    }
    let code = (dialect.check)(answer, always_ok).unwrap_or_else(|why| panic!("{why}: {}", what()));
    if matches!(code, 429 | 503) {
        assert!(answer.retry_after().is_some_and(|seconds| seconds > 0), "no Retry-After: {}", what());
    }

    let schema = match documented(method, path) {
        Some(answers) if !is_foreign(body) => {
            answers.get(&code).unwrap_or_else(|| panic!("not a documented status: {}", what()))
        }
        // What is no operation, or comes to none, is refused as any operation of its dialect would be.
        found => {
            assert!(found.is_some() || is_foreign(body) || matches!(code, 404 | 405 | 413), "{}", what());
            let of_dialect = |path: &str| dialect.prefixes.iter().any(|prefix| path.starts_with(prefix));
            let (_, answers) = OPERATIONS.iter().find(|((_, path), _)| of_dialect(path)).expect("an operation");
            &answers[&500]
        }
    };
    let mistakes: Vec<String> =
        schema.iter_errors(body).map(|error| format!("{error} at {}", error.instance_path())).collect();
    assert!(mistakes.is_empty(), "{}\n{}", what(), mistakes.join("\n"));
}

fn documented(method: &Method, path: &str) -> Option<&'static Answers> {
    OPERATIONS.get(&(method.to_string(), path.to_owned()))
}

/// Whether a page of a foreign origin was refused, which no page can read and no spec can say.
fn is_foreign(body: &Value) -> bool {
    ["message", "msg"].iter().any(|name| body[name].as_str().is_some_and(|text| text.starts_with("不允许从该网站调用")))
}

fn fields(answer: &Answer) -> Vec<&str> {
    answer.body.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect()
}

/// `{success, message, code, result}`; the HTTP status is the code.
fn applet(answer: &Answer, always_ok: bool) -> Result<u16, String> {
    if fields(answer) != ["success", "message", "code", "result"] {
        return Err("not the envelope".to_owned());
    }
    let code = answer.body["code"].as_u64().and_then(|code| u16::try_from(code).ok()).ok_or("no code")?;
    if answer.status == if always_ok { 200 } else { code } { Ok(code) } else { Err("a wrong status".to_owned()) }
}

/// `{code, msg, data}`; a failure has words and no data, and hardly ever an HTTP status of its own.
fn mall(answer: &Answer, _: bool) -> Result<u16, String> {
    let code = &answer.body["code"];
    let expected: &[&str] = if *code == 1 || *code == 1000 { &["code", "msg", "data"] } else { &["code", "msg"] };
    if fields(answer) != expected {
        return Err("not the envelope".to_owned());
    }
    if answer.body["msg"].as_str().is_none_or(str::is_empty) {
        return Err("no words".to_owned());
    }
    match answer.status {
        200 => Ok(200),
        status @ (400 | 404 | 405 | 413 | 415 | 500 | 503) if *code == 0 => Ok(status),
        _ => Err("a wrong status".to_owned()),
    }
}
