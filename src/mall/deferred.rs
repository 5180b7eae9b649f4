use std::marker::PhantomData;

use poem_openapi::registry::MetaSchema;
use serde_json::Value;

use crate::http::{Field, Kind, RequestError};

/// A field `F` whose error is left to the handler, which has something to do first.
pub(super) type Deferred<F> = Field<DeferredKind<F>>;

pub(super) struct DeferredKind<F>(PhantomData<F>);

impl<K: Kind> Kind for DeferredKind<Field<K>> {
    type Value = Result<K::Value, RequestError>;
    const REQUIRED: bool = K::REQUIRED;

    fn schema() -> MetaSchema {
        K::schema()
    }

    fn parse(value: Option<Value>) -> Result<Self::Value, String> {
        Ok(K::parse(value).map_err(RequestError::BadField))
    }

    fn to_json(value: &Self::Value) -> Option<Value> {
        value.as_ref().ok().and_then(K::to_json)
    }

    fn example() -> Self::Value {
        Ok(K::example())
    }
}
