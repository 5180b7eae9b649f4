//! What every response of a dialect is compared with: the exported spec, the dialect's table of failures, and the
//! headers that it has, no more and no fewer.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    sync::LazyLock,
};

use jsonschema::Validator;
use regex::Regex;
use reqwest::{
    Method,
    header::{HeaderMap, ORIGIN},
};
use serde_json::{Map, Value, json};

use super::Response;
use crate::specs::{everything, operations};

/// What an operation documents for one status.
struct Documented {
    schema: Validator,
    success: Option<String>,
    failures: Vec<Regex>,
}

/// By method and path, then by status.
static OPERATIONS: LazyLock<BTreeMap<(String, String), BTreeMap<u16, Documented>>> = LazyLock::new(|| {
    let spec = everything();
    let components = as_json_schema(spec["components"].clone());
    let documented = |(status, response): (&String, &Value)| {
        // A redirect has no body.
        let schema = match &response["content"] {
            Value::Null => json!(true),
            content => as_json_schema(content["application/json"]["schema"].clone()),
        };
        // The references of the schema point to the components beside it.
        let whole = json!({"components": components, "allOf": [schema]});
        let schema = jsonschema::draft202012::new(&whole).expect("a JSON schema");
        let (success, failures) = messages(status, response["description"].as_str().expect("a description"));
        (status.parse().expect("a status"), Documented { schema, success, failures })
    };
    let operations = operations(&spec).map(|(method, path, operation)| {
        let responses = operation["responses"].as_object().expect("responses");
        ((method, path.to_owned()), responses.iter().map(documented).collect())
    });
    operations.collect()
});

/// The messages in the description of a status. Where success and failures share one, it is `成功: A。失败: B / C`.
fn messages(status: &str, description: &str) -> (Option<String>, Vec<Regex>) {
    let (success, failures) = match description.strip_prefix("成功: ").unwrap_or(description).split_once("。失败: ")
    {
        Some((success, failures)) => (Some(success), failures),
        None if status == "200" => (description.split(": ").last(), ""),
        None => (None, description),
    };
    (success.map(str::to_owned), failures.split(" / ").map(pattern).collect())
}

/// The message, with any waiting time in place of the one that it has.
fn pattern(message: &str) -> Regex {
    let time = Regex::new("[0-9]+(秒|分钟|小时)").expect("a pattern");
    let message = regex::escape(message);
    Regex::new(&format!("^{}$", time.replace(&message, "[0-9]+(秒|分钟|小时)"))).expect("a pattern")
}

/// An OpenAPI 3.0 schema as JSON Schema: `nullable` becomes a type. A response may have no field that is not
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
    /// The field of the message.
    message: &'static str,
    /// Checks the envelope and returns the documented status of what it says.
    check: fn(&Response, always_ok: bool) -> Result<u16, String>,
    /// The messages of its table of failures, but for those about fields and bodies, which are free-form.
    failures: Vec<Regex>,
}

static DIALECTS: LazyLock<[Dialect; 2]> = LazyLock::new(|| {
    [
        Dialect { prefixes: &["/applet/"], message: "message", check: applet, failures: failures("applet", "message") },
        Dialect {
            prefixes: &["/users/", "/wechat.auth/"],
            message: "msg",
            check: mall,
            failures: failures("mall", "msg"),
        },
    ]
});

/// The table of failures is a snapshot of the dialect's own tests.
fn failures(dialect: &str, message: &str) -> Vec<Regex> {
    let file = format!("{}/src/{dialect}/snapshots/failures.snap", env!("CARGO_MANIFEST_DIR"));
    let table = fs::read_to_string(file).expect("a table of failures");
    let message = Regex::new(&format!("\"{message}\":\"([^\"]+)\"")).expect("a pattern");
    let lines = table.lines().filter(|line| !line.starts_with("BadField") && !line.starts_with("BrokenBody"));
    let failures: Vec<Regex> = lines.filter_map(|line| Some(pattern(&message.captures(line)?[1]))).collect();
    assert!(failures.len() > 20, "{table}");
    failures
}

/// Fails the test when the response to such a request breaks the contract.
#[track_caller]
pub fn assert_contract(method: &Method, path: &str, request_headers: &HeaderMap, response: &Response, always_ok: bool) {
    let lives_at = |dialect: &&Dialect| dialect.prefixes.iter().any(|prefix| path.starts_with(prefix));
    let Some(dialect) = DIALECTS.iter().find(lives_at) else { return };
    let Response { status, body, .. } = response;
    let what = || format!("{method} {path}: {status} {:?} {}", response.headers, response.text);

    let is_preflight = method == Method::OPTIONS && response.header("access-control-allow-methods").is_some();
    if is_preflight || *status == 302 || method == Method::HEAD {
        assert_eq!(response.text, "", "{}", what());
        let is_documented = documented(method, path).is_some_and(|statuses| statuses.contains_key(status));
        assert!(*status != 302 || is_documented, "{}", what());
        assert_headers(method, request_headers, response, *status, is_preflight)
            .unwrap_or_else(|why| panic!("{why}: {}", what()));
        return;
    }
    let code = (dialect.check)(response, always_ok).unwrap_or_else(|why| panic!("{why}: {}", what()));
    assert_headers(method, request_headers, response, code, false).unwrap_or_else(|why| panic!("{why}: {}", what()));

    let message = body[dialect.message].as_str().unwrap_or_default();
    assert!(!message.is_empty(), "no message: {}", what());
    let is_foreign = message.starts_with("不允许从该网站调用");
    let statuses = documented(method, path);
    let schema = match statuses {
        // A page of a foreign origin cannot read why it was refused, and no spec can say it.
        Some(statuses) if !is_foreign => {
            let documented = statuses.get(&code).unwrap_or_else(|| panic!("not a documented status: {}", what()));
            assert!(
                has_documented_message(dialect, documented, path, body, code),
                "not a documented message: {}",
                what()
            );
            &documented.schema
        }
        // What is no operation, or comes to none, is refused as any operation of its dialect would be.
        _ => {
            assert!(is_foreign || matches!(code, 404 | 405 | 413), "{}", what());
            assert!(dialect.failures.iter().any(|failure| failure.is_match(message)), "{}", what());
            let of_dialect = |path: &str| dialect.prefixes.iter().any(|prefix| path.starts_with(prefix));
            let (_, statuses) = OPERATIONS.iter().find(|((_, path), _)| of_dialect(path)).expect("an operation");
            &statuses[&500].schema
        }
    };
    let faults: Vec<String> =
        schema.iter_errors(body).map(|error| format!("{error} at {}", error.instance_path())).collect();
    assert!(faults.is_empty(), "{}\n{}", what(), faults.join("\n"));
}

fn documented(method: &Method, path: &str) -> Option<&'static BTreeMap<u16, Documented>> {
    OPERATIONS.get(&(method.to_string(), path.to_owned()))
}

/// Whether the operation documents the message for that status. Messages about fields and bodies are free-form: what
/// is in no table of failures may be one where a bad request is answered, which the mall does with 200 as well.
fn has_documented_message(dialect: &Dialect, documented: &Documented, path: &str, body: &Value, code: u16) -> bool {
    let message = body[dialect.message].as_str().unwrap_or_default();
    if body["success"] == true || body.get("data").is_some() {
        // The one address that serves another operation as well.
        return documented.success.as_deref() == Some(message) || (path, message) == ("/users/login", "注册成功");
    }
    let is_one_of = |failures: &[Regex]| failures.iter().any(|failure| failure.is_match(message));
    is_one_of(&documented.failures) || (matches!(code, 200 | 400) && !is_one_of(&dialect.failures))
}

/// Compares the headers with the ones that such a response has; `code` is its documented status.
fn assert_headers(
    method: &Method,
    request_headers: &HeaderMap,
    response: &Response,
    code: u16,
    is_preflight: bool,
) -> Result<(), String> {
    let mut names = BTreeSet::from(["cache-control", "date", "x-content-type-options", "x-request-id"]);
    match code {
        302 => names.extend(["location", "set-cookie"]),
        _ if is_preflight => {
            names.extend(["access-control-allow-headers", "access-control-allow-methods", "access-control-max-age"]);
        }
        _ => _ = names.insert("content-type"),
    }
    match code {
        405 => _ = names.insert("allow"),
        429 | 503 => _ = names.insert("retry-after"),
        _ => {}
    }
    if let Some(origin) = response.headers.get("access-control-allow-origin") {
        if Some(origin) != request_headers.get(ORIGIN) {
            return Err("allowed to another origin".to_owned());
        }
        names.extend(["access-control-allow-origin", "access-control-allow-credentials"]);
        names.extend(["access-control-expose-headers", "vary"]);
        if is_preflight {
            names.remove("vary");
        }
    }
    // The response to a HEAD may leave it out.
    if method != Method::HEAD || response.headers.contains_key("content-length") {
        names.insert("content-length");
    }
    if request_headers.contains_key("connection") {
        names.insert("connection");
    }
    let found: BTreeSet<&str> = response.headers.keys().map(|name| name.as_str()).collect();
    if found != names {
        return Err(format!("not the headers {names:?}"));
    }
    let own_id = request_headers.get("x-request-id").is_some();
    let id = if own_id { "^[A-Za-z0-9._-]{1,64}$" } else { "^[0-9a-f]{16}$" };
    let length = if method == Method::HEAD { "^[0-9]+$".to_owned() } else { format!("^{}$", response.text.len()) };
    for (name, value) in [
        ("access-control-allow-credentials", "^true$"),
        ("access-control-expose-headers", "^(retry-after, x-request-id|x-request-id, retry-after)$"),
        ("cache-control", "^no-store$"),
        ("content-length", &length),
        ("content-type", "^application/json$"),
        ("date", "^[A-Z][a-z]{2}, .* GMT$"),
        ("retry-after", "^[1-9][0-9]*$"),
        ("vary", "^(?i:origin)$"),
        ("x-content-type-options", "^nosniff$"),
        ("x-request-id", id),
    ] {
        let expected = Regex::new(value).expect("a pattern");
        if response.header(name).is_some_and(|found| !expected.is_match(found)) {
            return Err(format!("{name} is not {value}"));
        }
    }
    Ok(())
}

fn fields(response: &Response) -> Vec<&str> {
    response.body.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect()
}

/// `{success, message, code, result}`; the HTTP status is the code.
fn applet(response: &Response, always_ok: bool) -> Result<u16, String> {
    if fields(response) != ["success", "message", "code", "result"] {
        return Err("not the envelope".to_owned());
    }
    let code = response.body["code"].as_u64().and_then(|code| u16::try_from(code).ok()).ok_or("no code")?;
    if response.status == if always_ok { 200 } else { code } { Ok(code) } else { Err("a wrong status".to_owned()) }
}

/// `{code, msg, data}`; a failure has a message and no data, and hardly ever an HTTP status of its own.
fn mall(response: &Response, _: bool) -> Result<u16, String> {
    let code = &response.body["code"];
    let expected: &[&str] = if *code == 1 || *code == 1000 { &["code", "msg", "data"] } else { &["code", "msg"] };
    if fields(response) != expected {
        return Err("not the envelope".to_owned());
    }
    match response.status {
        200 => Ok(200),
        status @ (400 | 404 | 405 | 413 | 415 | 500 | 503) if *code == 0 => Ok(status),
        _ => Err("a wrong status".to_owned()),
    }
}
