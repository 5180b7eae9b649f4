use poem_openapi::{
    registry::MetaSchemaRef,
    types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type},
};
use serde_json::Value;

use super::raw_value::inner_value;

/// A field that may be absent, but not `null`: what `T` says of `null` goes.
pub struct Optional<T>(pub Option<T>);

impl<T> Optional<T> {
    fn inner(&self) -> Option<&T> {
        self.0.as_ref()
    }
}

impl<T: Type> Type for Optional<T> {
    const IS_REQUIRED: bool = false;
    inner_value!(T);

    fn schema_ref() -> MetaSchemaRef {
        T::schema_ref()
    }

    fn is_none(&self) -> bool {
        self.0.is_none()
    }
}

impl<T: ParseFromJSON> ParseFromJSON for Optional<T> {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        match value {
            None => Ok(Self(None)),
            value => T::parse_from_json(value).map(|value| Self(Some(value))).map_err(ParseError::propagate),
        }
    }
}

impl<T: ToJSON> ToJSON for Optional<T> {
    fn to_json(&self) -> Option<Value> {
        self.0.as_ref().and_then(T::to_json)
    }
}
