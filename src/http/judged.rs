use poem_openapi::{
    registry::MetaSchemaRef,
    types::{ParseFromJSON, ParseResult, ToJSON, Type},
};
use serde_json::Value;

use super::{door::Stray, raw_value::inner_value, rule_text::message_in};

/// A field that is judged by the operation, which has something to do first. The spec shows it as the `T` it must be.
pub struct Judged<T>(Result<T, String>);

impl<T> Judged<T> {
    /// A good value.
    pub fn good(value: T) -> Self {
        Self(Ok(value))
    }

    /// The value.
    ///
    /// # Errors
    /// [`Stray::BadField`] that says what is wrong.
    pub fn judge(self) -> Result<T, Stray> {
        self.0.map_err(Stray::BadField)
    }

    fn inner(&self) -> Option<&T> {
        self.0.as_ref().ok()
    }
}

impl<T: Type> Type for Judged<T> {
    const IS_REQUIRED: bool = T::IS_REQUIRED;
    inner_value!(T);

    fn schema_ref() -> MetaSchemaRef {
        T::schema_ref()
    }
}

impl<T: ParseFromJSON> ParseFromJSON for Judged<T> {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        let parsed = T::parse_from_json(value);
        Ok(Self(parsed.map_err(|error| message_in(error.message()).unwrap_or("请求参数错误").to_owned())))
    }
}

impl<T: ToJSON> ToJSON for Judged<T> {
    fn to_json(&self) -> Option<Value> {
        self.inner().and_then(T::to_json)
    }
}
