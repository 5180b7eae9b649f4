//! `{success, message, code, result}`: the form of every answer of this dialect, and its schema.

use poem::{
    Response,
    http::{StatusCode, header},
};
use poem_openapi::registry::{MetaSchema, MetaSchemaRef};
use serde::Serialize;
use serde_json::Value;

use crate::http::EnvelopeCode;

/// In the order in which the document shows the fields.
#[derive(Serialize)]
pub(super) struct Envelope<'a> {
    pub success: bool,
    pub message: &'a str,
    pub code: u16,
    /// `null` on failure.
    pub result: Value,
}

impl<'a> Envelope<'a> {
    pub(super) fn success(message: &'a str, result: Value) -> Self {
        Self { success: true, message, code: 200, result }
    }

    pub(super) fn failure(code: u16, message: &'a str) -> Self {
        Self { success: false, message, code, result: Value::Null }
    }

    /// The answer, its HTTP status the envelope's code.
    pub(super) fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let code = EnvelopeCode(i32::from(self.code));
        Response::builder()
            .status(status)
            .header(header::CONTENT_TYPE, "application/json")
            .extension(code)
            .body(self.to_json().to_string())
    }

    /// The same envelope as an example in the spec.
    pub(super) fn to_json(&self) -> Value {
        serde_json::to_value(self).expect("an envelope is made of texts, numbers and JSON")
    }
}

/// The schema of an envelope: of a success with that result, or of a failure.
pub(super) fn schema(success: bool, result: MetaSchemaRef) -> MetaSchema {
    let code = MetaSchema {
        description: Some("业务状态码,200表示成功"),
        enum_items: if success { vec![200.into()] } else { vec![] },
        ..MetaSchema::new_with_format("integer", "int32")
    };
    let success =
        MetaSchema {
            description: Some("是否成功"), enum_items: vec![success.into()], ..MetaSchema::new("boolean")
        };
    let message = MetaSchema { description: Some("给用户看的提示"), ..MetaSchema::new("string") };
    let inline = |schema| MetaSchemaRef::Inline(Box::new(schema));
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

/// The schema of a `result` that is always `null`.
pub(super) fn null() -> MetaSchemaRef {
    MetaSchemaRef::Inline(Box::new(MetaSchema {
        description: Some("失败时为null"),
        nullable: true,
        enum_items: vec![Value::Null],
        ..MetaSchema::new("object")
    }))
}
