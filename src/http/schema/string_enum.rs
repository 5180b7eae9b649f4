use std::marker::PhantomData;

use poem_openapi::registry::MetaSchema;
use serde_json::Value;

use super::field::{Field, Kind};

/// A type with a fixed set of values, each written as a text or as a whole number.
pub trait StringEnum: Copy + PartialEq + Send + Sync + 'static {
    /// The field's name in messages.
    const NAME: &'static str;
    const DESCRIPTION: &'static str;
    /// Each value and how it is written. The first is the example.
    const VALUES: &'static [(&'static str, Self)];
    /// Whether the values are written as whole numbers. Forms, and some clients, send these as text, which is accepted.
    const INTEGERS: bool = false;
    /// The message for any other value.
    const MISMATCH: &'static str;
}

/// A field that holds one of the values of `E`.
pub type OneOf<E> = Field<EnumKind<E>>;

pub struct EnumKind<E>(PhantomData<E>);

impl<E: StringEnum> Kind for EnumKind<E> {
    type Value = E;

    fn schema() -> MetaSchema {
        let plain =
            if E::INTEGERS { MetaSchema::new_with_format("integer", "int32") } else { MetaSchema::new("string") };
        MetaSchema {
            description: Some(E::DESCRIPTION),
            example: Self::to_json(&Self::example()),
            enum_items: E::VALUES.iter().filter_map(|(_, value)| Self::to_json(value)).collect(),
            ..plain
        }
    }

    fn parse(value: Option<Value>) -> Result<E, String> {
        let text = match value {
            None => return Err(format!("缺少参数{}", E::NAME)),
            Some(Value::String(text)) => text,
            Some(Value::Number(number)) if E::INTEGERS => number.to_string(),
            Some(_) => String::new(),
        };
        let found = E::VALUES.iter().find(|(written, _)| *written == text);
        found.map(|(_, value)| *value).ok_or_else(|| E::MISMATCH.to_owned())
    }

    fn to_json(value: &E) -> Option<Value> {
        let (written, _) = E::VALUES.iter().find(|(_, listed)| listed == value)?;
        Some(match written.parse::<i64>() {
            Ok(number) if E::INTEGERS => number.into(),
            _ => (*written).into(),
        })
    }

    fn example() -> E {
        E::VALUES[0].1
    }
}
