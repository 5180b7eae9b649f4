//! The envelope `{code, msg, data}` and its schema.

use poem_openapi::registry::{MetaSchema, MetaSchemaRef};
use serde_json::{Value, json};

use super::failure::{failure, request_failure};
use crate::{
    account::Error,
    http::{Dialect, Envelope, Failure, RequestError, inline},
};

pub(super) struct Mall;

/// The codes of an operation, and the schema of its failures.
pub(super) struct Codes {
    success: i32,
    /// The code of failures with HTTP 200. The code of all others is [`Code::FAILED`].
    failure: Code,
    failure_schema: &'static str,
    /// The example of that schema.
    failure_example: Error,
}

impl Codes {
    /// For operations whose failures have the code "-1002", documented in a schema of their own.
    pub(super) const fn not_logged_in(success: i32, failure_schema: &'static str) -> Self {
        Self { success, failure: Code::Text("-1002"), failure_schema, failure_example: Error::TokenInvalid }
    }
}

/// A number, except for the failure that is documented as a text.
#[derive(Clone, Copy)]
enum Code {
    Number(i32),
    Text(&'static str),
}

impl Code {
    const FAILED: Self = Self::Number(0);

    fn to_json(self) -> Value {
        match self {
            Self::Number(number) => number.into(),
            Self::Text(text) => text.into(),
        }
    }

    fn for_log(self) -> i32 {
        match self {
            Self::Number(number) => number,
            Self::Text(text) => text.parse().unwrap_or_default(),
        }
    }
}

impl Dialect for Mall {
    type Error = Error;
    type Codes = Codes;
    const CODES: Codes = Codes {
        success: 1,
        failure: Code::FAILED,
        failure_schema: "MallFailure",
        failure_example: Error::PasswordWrong,
    };
    const COMMON_ERRORS: &'static [Error] = &[Error::Unavailable, Error::Internal];

    fn failure(error: &Error) -> Failure {
        failure(error)
    }

    fn request_failure(error: &RequestError) -> Failure {
        request_failure(error)
    }

    fn success_envelope(codes: &Codes, message: &str, result: Value) -> Envelope {
        Envelope { code: codes.success, json: json!({"code": codes.success, "msg": message, "data": result}) }
    }

    fn failure_envelope(codes: &Codes, failure: &Failure) -> Envelope {
        let code = if failure.status == 200 { codes.failure } else { Code::FAILED };
        Envelope { code: code.for_log(), json: json!({"code": code.to_json(), "msg": failure.message}) }
    }

    fn success_schema(codes: &Codes, result: MetaSchemaRef) -> MetaSchema {
        schema(Code::Number(codes.success), Some(result))
    }

    fn failure_schema(codes: &Codes) -> (&'static str, MetaSchema) {
        let example = Self::failure_envelope(codes, &failure(&codes.failure_example)).json;
        (codes.failure_schema, MetaSchema { example: Some(example), ..schema(codes.failure, None) })
    }

    fn describe_ok(message: &str, failures: &str) -> String {
        if failures.is_empty() {
            format!("成功: {message}")
        } else {
            format!("成功: {message}。失败: {failures}")
        }
    }
}

/// The schema of an envelope with that code, and with data if it is a success.
fn schema(code: Code, data: Option<MetaSchemaRef>) -> MetaSchema {
    let plain = match code {
        Code::Number(_) => MetaSchema::new_with_format("integer", "int32"),
        Code::Text(_) => MetaSchema::new("string"),
    };
    let code = MetaSchema { description: Some("业务状态码"), enum_items: vec![code.to_json()], ..plain };
    let msg = MetaSchema { description: Some("给用户看的提示"), ..MetaSchema::new("string") };
    let mut required = vec!["code", "msg"];
    let mut properties = vec![("code", inline(code)), ("msg", inline(msg))];
    if let Some(data) = data {
        required.push("data");
        properties.push(("data", data));
    }
    MetaSchema { required, properties, ..MetaSchema::new("object") }
}
