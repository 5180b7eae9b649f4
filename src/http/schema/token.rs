use std::marker::PhantomData;

use poem_openapi::registry::MetaSchema;
use serde_json::Value;

use super::field::{Field, Kind};
use crate::types::PlainToken;

/// The documentation of one kind of token.
pub trait TokenRule: Send + Sync + 'static {
    const DESCRIPTION: &'static str;
    const EXAMPLE: &'static str;
}

/// An access token, empty if absent. The spec lists it as required; the operation answers its absence as it answers an
/// invalid token.
pub type Token<R> = Field<TokenKind<R>>;

pub struct TokenKind<R>(PhantomData<R>);

impl<R: TokenRule> Kind for TokenKind<R> {
    type Value = PlainToken;

    fn schema() -> MetaSchema {
        MetaSchema { description: Some(R::DESCRIPTION), example: Some(R::EXAMPLE.into()), ..MetaSchema::new("string") }
    }

    fn parse(value: Option<Value>) -> Result<PlainToken, String> {
        match value {
            None | Some(Value::Null) => Ok(PlainToken::default()),
            Some(Value::String(token)) => Ok(PlainToken::new(token)),
            Some(_) => Err("token必须是字符串".to_owned()),
        }
    }

    /// Used for examples in the spec only.
    fn to_json(value: &PlainToken) -> Option<Value> {
        Some(value.expose().into())
    }

    fn example() -> PlainToken {
        PlainToken::new(R::EXAMPLE)
    }
}
