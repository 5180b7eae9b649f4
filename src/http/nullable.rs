use poem_openapi::{
    registry::MetaSchemaRef,
    types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type},
};
use serde_json::Value;

use super::{change::or_null, raw_value::inner_value};

/// A field of an answer that is always there and may be `null`.
pub struct Nullable<T>(pub Option<T>);

impl<T> Nullable<T> {
    fn inner(&self) -> Option<&T> {
        self.0.as_ref()
    }
}

impl<T: Type> Type for Nullable<T> {
    const IS_REQUIRED: bool = true;
    inner_value!(T);

    fn schema_ref() -> MetaSchemaRef {
        or_null::<T>()
    }
}

impl<T: ParseFromJSON> ParseFromJSON for Nullable<T> {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        match value {
            None | Some(Value::Null) => Ok(Self(None)),
            Some(value) => {
                T::parse_from_json(Some(value)).map(|value| Self(Some(value))).map_err(ParseError::propagate)
            }
        }
    }
}

impl<T: ToJSON> ToJSON for Nullable<T> {
    fn to_json(&self) -> Option<Value> {
        Some(self.0.as_ref().and_then(T::to_json).unwrap_or(Value::Null))
    }
}
