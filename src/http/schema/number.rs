use std::marker::PhantomData;

use poem_openapi::registry::MetaSchema;
use serde_json::Value;
use validator::ValidateRange;

use super::field::{Field, Kind};

/// The rule for one kind of number.
pub trait NumberRule: Send + Sync + 'static {
    /// The field's name in messages.
    const NAME: &'static str;
    const DESCRIPTION: &'static str;
    const EXAMPLE: f64;
    const MIN: f64;
    const MAX: f64;
}

/// A number from `R::MIN` to `R::MAX`, both included.
pub type Number<R> = Field<NumberKind<R>>;

pub struct NumberKind<R>(PhantomData<R>);

impl<R: NumberRule> Kind for NumberKind<R> {
    type Value = f64;

    fn schema() -> MetaSchema {
        MetaSchema {
            description: Some(R::DESCRIPTION),
            example: Some(R::EXAMPLE.into()),
            minimum: Some(R::MIN),
            maximum: Some(R::MAX),
            ..MetaSchema::new_with_format("number", "double")
        }
    }

    fn parse(value: Option<Value>) -> Result<f64, String> {
        let number = value.as_ref().and_then(Value::as_f64).ok_or_else(|| format!("{}必须是数字", R::NAME))?;
        if !number.validate_range(Some(R::MIN), Some(R::MAX), None, None) {
            return Err(format!("{}须在{}到{}之间", R::NAME, R::MIN, R::MAX));
        }
        Ok(number)
    }

    fn to_json(value: &f64) -> Option<Value> {
        Some((*value).into())
    }

    fn example() -> f64 {
        R::EXAMPLE
    }
}
