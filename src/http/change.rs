use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef},
    types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type},
};
use serde_json::Value;

use super::raw_value::inner_value;

/// A field of a change: absent keeps the value, `null` clears it, anything else replaces it.
pub enum Change<T> {
    Keep,
    Clear,
    Set(T),
}

impl<T> Change<T> {
    fn inner(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Keep | Self::Clear => None,
        }
    }

    /// `None` keeps, `Some(None)` clears.
    pub fn into_option<U>(self, value: impl FnOnce(T) -> U) -> Option<Option<U>> {
        match self {
            Self::Keep => None,
            Self::Clear => Some(None),
            Self::Set(new) => Some(Some(value(new))),
        }
    }
}

/// The schema of `T`, allowing `null` as well.
pub(super) fn or_null<T: Type>() -> MetaSchemaRef {
    T::schema_ref().merge(MetaSchema { nullable: true, ..MetaSchema::ANY })
}

impl<T: Type> Type for Change<T> {
    const IS_REQUIRED: bool = false;
    inner_value!(T);

    fn schema_ref() -> MetaSchemaRef {
        or_null::<T>()
    }

    fn is_none(&self) -> bool {
        matches!(self, Self::Keep)
    }
}

impl<T: ParseFromJSON> ParseFromJSON for Change<T> {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        match value {
            None => Ok(Self::Keep),
            Some(Value::Null) => Ok(Self::Clear),
            Some(value) => T::parse_from_json(Some(value)).map(Self::Set).map_err(ParseError::propagate),
        }
    }
}

impl<T: ToJSON> ToJSON for Change<T> {
    fn to_json(&self) -> Option<Value> {
        match self {
            Self::Keep => None,
            Self::Clear => Some(Value::Null),
            Self::Set(value) => value.to_json(),
        }
    }
}
