//! `{code, msg, data}`: the form of every answer of this dialect, and its schema.

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
    pub code: Code,
    pub msg: &'a str,
    /// A failure has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
}

/// A number, but for the one failure that the document writes as a text.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub(super) enum Code {
    Number(i32),
    Text(&'static str),
}

impl Code {
    pub(super) const FAILED: Self = Self::Number(0);
    pub(super) const NOT_LOGGED_IN: Self = Self::Text("-1002");

    fn to_json(self) -> Value {
        match self {
            Self::Number(number) => number.into(),
            Self::Text(text) => text.into(),
        }
    }

    fn for_log(self) -> EnvelopeCode {
        EnvelopeCode(match self {
            Self::Number(number) => number,
            Self::Text(text) => text.parse().unwrap_or_default(),
        })
    }
}

impl Envelope<'_> {
    pub(super) fn into_response(self, status: StatusCode) -> Response {
        Response::builder()
            .status(status)
            .header(header::CONTENT_TYPE, "application/json")
            .extension(self.code.for_log())
            .body(self.to_json().to_string())
    }

    /// The same envelope as an example in the spec.
    pub(super) fn to_json(&self) -> Value {
        serde_json::to_value(self).expect("an envelope is made of texts, numbers and JSON")
    }
}

/// The schema of an envelope with that code: of a success with its data, or of a failure without.
pub(super) fn schema(code: Code, data: Option<MetaSchemaRef>) -> MetaSchema {
    let plain = match code {
        Code::Number(_) => MetaSchema::new_with_format("integer", "int32"),
        Code::Text(_) => MetaSchema::new("string"),
    };
    let code = MetaSchema { description: Some("业务状态码"), enum_items: vec![code.to_json()], ..plain };
    let msg = MetaSchema { description: Some("给用户看的提示"), ..MetaSchema::new("string") };
    let inline = |schema| MetaSchemaRef::Inline(Box::new(schema));
    let mut required = vec!["code", "msg"];
    let mut properties = vec![("code", inline(code)), ("msg", inline(msg))];
    if let Some(data) = data {
        required.push("data");
        properties.push(("data", data));
    }
    MetaSchema { required, properties, ..MetaSchema::new("object") }
}
