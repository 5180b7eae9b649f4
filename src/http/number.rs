use std::{borrow::Cow, marker::PhantomData};

use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef},
    types::{Example, ParseFromJSON, ParseResult, ToJSON, Type},
};
use serde_json::Value;
use validator::ValidateRange;

use super::{raw_value::whole_value, rule_text::refusal};

/// What one kind of number must be like.
pub trait Range: Send + Sync + 'static {
    /// As the caller knows it, for messages.
    const NAME: &'static str;
    const DESCRIPTION: &'static str;
    const EXAMPLE: f64;
    const MIN: f64;
    const MAX: f64;
}

/// A number from outside within the range `R`, its ends included.
pub struct Number<R>(f64, PhantomData<R>);

impl<R: Range> Number<R> {
    pub fn get(&self) -> f64 {
        self.0
    }
}

impl<R: Range> Type for Number<R> {
    const IS_REQUIRED: bool = true;
    whole_value!();

    fn name() -> Cow<'static, str> {
        R::NAME.into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema {
            description: Some(R::DESCRIPTION),
            example: Some(R::EXAMPLE.into()),
            minimum: Some(R::MIN),
            maximum: Some(R::MAX),
            ..MetaSchema::new_with_format("number", "double")
        }))
    }
}

impl<R: Range> ParseFromJSON for Number<R> {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        let number = match value {
            Some(Value::Number(number)) => number.as_f64(),
            _ => None,
        };
        let number = number.ok_or_else(|| refusal(&format!("{}必须是数字", R::NAME)))?;
        if !number.validate_range(Some(R::MIN), Some(R::MAX), None, None) {
            return Err(refusal(&format!("{}须在{}到{}之间", R::NAME, R::MIN, R::MAX)));
        }
        Ok(Self(number, PhantomData))
    }
}

impl<R: Range> Example for Number<R> {
    fn example() -> Self {
        Self(R::EXAMPLE, PhantomData)
    }
}

impl<R: Range> ToJSON for Number<R> {
    fn to_json(&self) -> Option<Value> {
        Some(self.0.into())
    }
}
