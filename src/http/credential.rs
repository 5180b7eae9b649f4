//! An access token in a request: in its documented field, or in the header of RFC 6750.

use std::{borrow::Cow, marker::PhantomData};

use poem::{FromRequest, Request, RequestBody, http::header::AUTHORIZATION};
use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef},
    types::{Example, ParseError, ParseFromJSON, ParseFromParameter, ParseResult, ToJSON, Type},
};
use serde_json::Value;

use super::{raw_value::whole_value, rule_text::refusal};
use crate::types::Secret;

/// The documented field `token`. The document demands it, but a caller may bring the token in the header
/// instead, so its absence is for the operation to judge.
pub struct TokenField<K>(Option<Secret>, PhantomData<K>);

/// What the spec says about a token.
pub trait TokenText: Send + Sync + 'static {
    const DESCRIPTION: &'static str;
    const EXAMPLE: &'static str;
}

/// The token of `Authorization: Bearer ...`, if there is one.
pub struct Bearer(Option<Secret>);

impl<K> TokenField<K> {
    /// A token of that text, for an example in the spec.
    pub fn named(text: &str) -> Self {
        Self(Some(Secret::new(text)), PhantomData)
    }

    /// The token; empty when there is none.
    pub fn into_secret(self) -> Secret {
        self.0.unwrap_or_default()
    }

    /// The token, from the documented place or else from the header; empty when there is none.
    pub fn or(self, Bearer(bearer): Bearer) -> Secret {
        self.0.filter(|token| !token.is_empty()).or(bearer).unwrap_or_default()
    }
}

impl<'a> FromRequest<'a> for Bearer {
    async fn from_request(request: &'a Request, _body: &mut RequestBody) -> poem::Result<Self> {
        let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = header
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| Secret::new(token.trim()));
        Ok(Self(token))
    }
}

impl<K: TokenText> Type for TokenField<K> {
    const IS_REQUIRED: bool = true;
    whole_value!();

    fn name() -> Cow<'static, str> {
        "token".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema {
            description: Some(K::DESCRIPTION),
            example: Some(K::EXAMPLE.into()),
            ..MetaSchema::new("string")
        }))
    }
}

impl<K: TokenText> ParseFromJSON for TokenField<K> {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        match value {
            None | Some(Value::Null) => Ok(Self(None, PhantomData)),
            Some(Value::String(token)) => Ok(Self(Some(Secret::new(token)), PhantomData)),
            Some(_) => Err(refusal("token必须是字符串")),
        }
    }
}

impl<K: TokenText> ParseFromParameter for TokenField<K> {
    fn parse_from_parameter(value: &str) -> ParseResult<Self> {
        Ok(Self(Some(Secret::new(value)), PhantomData))
    }

    fn parse_from_parameters<I: IntoIterator<Item = A>, A: AsRef<str>>(values: I) -> Result<Self, ParseError<Self>> {
        Ok(Self(values.into_iter().next().map(|token| Secret::new(token.as_ref())), PhantomData))
    }
}

impl<K: TokenText> Example for TokenField<K> {
    fn example() -> Self {
        Self::named(K::EXAMPLE)
    }
}

/// For examples in the spec: a token that came in is never sent out.
impl<K: TokenText> ToJSON for TokenField<K> {
    fn to_json(&self) -> Option<Value> {
        self.0.as_ref().map(|token| token.expose().into())
    }
}
