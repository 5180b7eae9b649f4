use std::{borrow::Cow, iter};

use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef},
    types::{Example, ParseError, ParseFromJSON, ParseFromParameter, ParseResult, ToJSON, Type},
};
use serde_json::Value;

use super::meta::inline;
use crate::http::{message::mark, request_error::RequestError};

/// A kind of field: its schema, and how it is parsed and written.
pub trait Kind: Send + Sync + 'static {
    /// What a parsed field holds.
    type Value: Send + Sync + 'static;
    /// Whether the schema of an object lists the field as required.
    const REQUIRED: bool = true;

    fn schema() -> MetaSchema;

    /// Parses what the client sent, `None` if the field is absent. An error is a message for the client.
    fn parse(value: Option<Value>) -> Result<Self::Value, String>;

    fn to_json(value: &Self::Value) -> Option<Value>;

    /// The value in examples of the spec.
    fn example() -> Self::Value;
}

/// A field of a request or a response. Its schema is inlined, because generated clients do not support a description
/// next to a reference.
pub struct Field<K: Kind>(pub K::Value);

impl<K: Kind> Field<K> {
    /// Parses a text that was received in another field.
    ///
    /// # Errors
    /// [`RequestError::BadField`] with the message for the client.
    pub fn parse(text: &str) -> Result<K::Value, RequestError> {
        K::parse(Some(text.into())).map_err(RequestError::BadField)
    }
}

impl<K: Kind> Type for Field<K> {
    const IS_REQUIRED: bool = K::REQUIRED;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        "field".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        inline(K::schema())
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(iter::once(self))
    }
}

impl<K: Kind> ParseFromJSON for Field<K> {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        K::parse(value).map(Self).map_err(|message| ParseError::custom(mark(&message)))
    }
}

impl<K: Kind> ParseFromParameter for Field<K> {
    fn parse_from_parameter(text: &str) -> ParseResult<Self> {
        Self::parse_from_json(Some(text.into()))
    }

    fn parse_from_parameters<I: IntoIterator<Item = A>, A: AsRef<str>>(texts: I) -> ParseResult<Self> {
        Self::parse_from_json(texts.into_iter().next().map(|text| text.as_ref().into()))
    }
}

impl<K: Kind> ToJSON for Field<K> {
    fn to_json(&self) -> Option<Value> {
        K::to_json(&self.0)
    }
}

impl<K: Kind> Example for Field<K> {
    fn example() -> Self {
        Self(K::example())
    }
}
