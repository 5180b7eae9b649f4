use std::borrow::Cow;

use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef},
    types::{Example, ParseFromJSON, ParseResult, ToJSON, Type},
};
use serde_json::Value;

use super::{raw_value::whole_value, rule_text::refusal};

/// A value from outside that is one of a few.
pub trait Choices: Copy + Send + Sync + 'static {
    /// As the caller knows it.
    const NAME: &'static str;
    const DESCRIPTION: &'static str;
    /// Each value as it is written; the first is the example.
    const CHOICES: &'static [(&'static str, Self)];
    /// Whether the values are whole numbers. In a form, and from some clients, they come as texts all the same.
    const INTEGERS: bool = false;
    /// What to tell a caller who wrote something else.
    const MISMATCH: &'static str;
}

pub struct Choice<C>(pub C);

impl<C: Choices> Choice<C> {
    fn written(text: &str) -> Value {
        match text.parse::<i64>() {
            Ok(number) if C::INTEGERS => number.into(),
            _ => text.into(),
        }
    }
}

impl<C: Choices> Type for Choice<C> {
    const IS_REQUIRED: bool = true;
    whole_value!();

    fn name() -> Cow<'static, str> {
        C::NAME.into()
    }

    fn schema_ref() -> MetaSchemaRef {
        let plain =
            if C::INTEGERS { MetaSchema::new_with_format("integer", "int32") } else { MetaSchema::new("string") };
        MetaSchemaRef::Inline(Box::new(MetaSchema {
            description: Some(C::DESCRIPTION),
            example: C::CHOICES.first().map(|(text, _)| Self::written(text)),
            enum_items: C::CHOICES.iter().map(|(text, _)| Self::written(text)).collect(),
            ..plain
        }))
    }
}

impl<C: Choices> ParseFromJSON for Choice<C> {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        let text = match &value {
            None => return Err(refusal(&format!("缺少参数{}", C::NAME))),
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) if C::INTEGERS => number.to_string(),
            Some(_) => String::new(),
        };
        let choice = C::CHOICES.iter().find(|(written, _)| *written == text);
        choice.map(|(_, choice)| Self(*choice)).ok_or_else(|| refusal(C::MISMATCH))
    }
}

impl<C: Choices> Example for Choice<C> {
    fn example() -> Self {
        Self(C::CHOICES[0].1)
    }
}

/// For examples in the spec, which show the first value.
impl<C: Choices> ToJSON for Choice<C> {
    fn to_json(&self) -> Option<Value> {
        C::CHOICES.first().map(|(text, _)| Self::written(text))
    }
}
