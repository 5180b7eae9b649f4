use std::borrow::Cow;

use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef},
    types::{Example, ParseFromJSON, ParseResult, ToJSON, Type},
};
use serde_json::Value;

use super::{
    door::Stray,
    raw_value::whole_value,
    rule_text::{message_in, refusal},
};
use crate::types::Phone;

const MISMATCH: &str = "手机号格式不正确,请输入11位手机号";

/// A mainland phone number from outside, however it is written.
pub struct Mobile(pub Phone);

impl Mobile {
    /// # Errors
    /// [`Stray::BadField`] when it is no mainland number.
    pub fn parse(text: &str) -> Result<Self, Stray> {
        Self::parse_from_json(Some(text.into()))
            .map_err(|error| Stray::BadField(message_in(error.message()).unwrap_or(MISMATCH).to_owned()))
    }
}

impl Type for Mobile {
    const IS_REQUIRED: bool = true;
    whole_value!();

    fn name() -> Cow<'static, str> {
        "mobile".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema {
            description: Some("手机号,11位;空格、全角数字和+86前缀会被去掉"),
            example: Some("18026740326".into()),
            min_length: Some(11),
            max_length: Some(32),
            ..MetaSchema::new("string")
        }))
    }
}

impl ParseFromJSON for Mobile {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        match value {
            None | Some(Value::Null) => Err(refusal("请输入手机号")),
            Some(Value::String(text)) if text.is_empty() => Err(refusal("请输入手机号")),
            Some(Value::String(text)) if text.chars().count() <= 32 => {
                Phone::mainland(&text).map(Self).ok_or_else(|| refusal(MISMATCH))
            }
            Some(_) => Err(refusal(MISMATCH)),
        }
    }
}

impl Example for Mobile {
    fn example() -> Self {
        Self(Phone::stored("18026740326".to_owned()))
    }
}

impl ToJSON for Mobile {
    fn to_json(&self) -> Option<Value> {
        Some(self.0.as_str().into())
    }
}
