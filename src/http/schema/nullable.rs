use std::marker::PhantomData;

use poem_openapi::{
    registry::MetaSchema,
    types::{ParseError, ParseFromJSON, ToJSON},
};
use serde_json::Value;

use super::field::{Field, Kind};

/// A field of a response that is always present and may be `null`. `T` must not be an object: generated clients do not
/// support a nullable reference.
pub type Nullable<T> = Field<NullableKind<T>>;

pub struct NullableKind<T>(PhantomData<T>);

impl<T: ParseFromJSON + ToJSON + 'static> Kind for NullableKind<T> {
    type Value = Option<T>;

    fn schema() -> MetaSchema {
        MetaSchema { nullable: true, ..T::schema_ref().unwrap_inline().clone() }
    }

    fn parse(value: Option<Value>) -> Result<Option<T>, String> {
        Option::parse_from_json(value).map_err(ParseError::into_message)
    }

    fn to_json(value: &Option<T>) -> Option<Value> {
        Some(value.to_json().unwrap_or_default())
    }

    fn example() -> Option<T> {
        None
    }
}
