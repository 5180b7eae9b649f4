//! The envelope `{success, message, code, result}` and its schema.

use poem_openapi::registry::{MetaSchema, MetaSchemaRef};
use serde_json::{Value, json};

use super::failure::{failure, request_failure};
use crate::{
    account::Error,
    http::{Dialect, Envelope, Failure, RequestError, inline},
};

pub(super) struct Applet;

impl Dialect for Applet {
    type Error = Error;
    type Codes = ();
    const CODES: () = ();
    const COMMON_ERRORS: &'static [Error] = &[Error::Unavailable, Error::Internal];

    fn failure(error: &Error) -> Failure {
        failure(error)
    }

    fn request_failure(error: &RequestError) -> Failure {
        request_failure(error)
    }

    fn success_envelope((): &(), message: &str, result: Value) -> Envelope {
        envelope(true, message, 200, result)
    }

    fn failure_envelope((): &(), failure: &Failure) -> Envelope {
        envelope(false, &failure.message, failure.status, Value::Null)
    }

    fn success_schema((): &(), result: MetaSchemaRef) -> MetaSchema {
        schema(true, vec![200.into()], result)
    }

    fn failure_schema((): &()) -> (&'static str, MetaSchema) {
        let null = MetaSchema {
            description: Some("失败时为null"),
            nullable: true,
            enum_items: vec![Value::Null],
            ..MetaSchema::new("object")
        };
        ("AppletFailure", schema(false, vec![], inline(null)))
    }

    fn describe_ok(message: &str, _failures: &str) -> String {
        message.to_owned()
    }
}

/// `code` is also the HTTP status.
fn envelope(success: bool, message: &str, code: u16, result: Value) -> Envelope {
    let json = json!({"success": success, "message": message, "code": code, "result": result});
    Envelope { code: code.into(), json }
}

fn schema(success: bool, codes: Vec<Value>, result: MetaSchemaRef) -> MetaSchema {
    let code = MetaSchema {
        description: Some("业务状态码,200表示成功"),
        enum_items: codes,
        ..MetaSchema::new_with_format("integer", "int32")
    };
    let success =
        MetaSchema {
            description: Some("是否成功"), enum_items: vec![success.into()], ..MetaSchema::new("boolean")
        };
    let message = MetaSchema { description: Some("给用户看的提示"), ..MetaSchema::new("string") };
    MetaSchema {
        required: vec!["success", "message", "code", "result"],
        properties: vec![
            ("success", inline(success)),
            ("message", inline(message)),
            ("code", inline(code)),
            ("result", result),
        ],
        ..MetaSchema::new("object")
    }
}
