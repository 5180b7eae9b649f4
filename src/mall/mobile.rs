use poem_openapi::registry::MetaSchema;
use serde_json::Value;

use crate::{
    http::{Field, Kind},
    types::Phone,
};

const EXAMPLE: &str = "18026740326";

/// A mainland phone number, with or without spaces and country code.
pub(super) type Mobile = Field<MobileKind>;

pub(super) struct MobileKind;

impl Kind for MobileKind {
    type Value = Phone;

    fn schema() -> MetaSchema {
        MetaSchema {
            description: Some("手机号,11位;空格、全角数字和+86前缀会被去掉"),
            example: Some(EXAMPLE.into()),
            min_length: Some(11),
            max_length: Some(32),
            ..MetaSchema::new("string")
        }
    }

    fn parse(value: Option<Value>) -> Result<Phone, String> {
        let phone = match value {
            None | Some(Value::Null) => return Err("请输入手机号".to_owned()),
            Some(Value::String(text)) if text.is_empty() => return Err("请输入手机号".to_owned()),
            Some(Value::String(text)) if text.chars().count() <= 32 => Phone::mainland(&text),
            Some(_) => None,
        };
        phone.ok_or_else(|| "手机号格式不正确,请输入11位手机号".to_owned())
    }

    fn to_json(value: &Phone) -> Option<Value> {
        Some(value.as_str().into())
    }

    fn example() -> Phone {
        Phone::stored(EXAMPLE.to_owned())
    }
}
