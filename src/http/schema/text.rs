use std::{marker::PhantomData, sync::LazyLock};

use poem_openapi::registry::MetaSchema;
use regex::Regex;
use serde_json::Value;
use validator::{ValidateLength, ValidateRegex, ValidateUrl};

use super::field::{Field, Kind};

/// A pattern in the common subset of ECMA 262, which the spec uses, and the `regex` crate.
pub type Pattern = LazyLock<Regex>;

/// Compiles a constant pattern.
pub fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a constant that is compiled whenever the spec is made")
}

/// Visible ASCII characters, as in codes of other services.
pub static VISIBLE_ASCII: Pattern = Pattern::new(|| pattern("^[!-~]+$"));

/// The rule for one kind of text.
pub trait TextRule: Send + Sync + 'static {
    /// The field's name in messages.
    const NAME: &'static str;
    const DESCRIPTION: &'static str;
    const EXAMPLE: &'static str;
    /// In characters.
    const MIN: usize = 1;
    /// In characters.
    const MAX: usize;
    const PATTERN: Option<&'static Pattern> = None;
    /// Whether it must be an absolute URL.
    const URL: bool = false;
    /// The message for a text of the right length that does not match.
    const MISMATCH: &'static str = "";
}

/// A text that satisfies the rule `R`.
pub type Text<R> = Field<TextKind<R>>;

pub struct TextKind<R>(PhantomData<R>);

impl<R: TextRule> Kind for TextKind<R> {
    type Value = String;

    fn schema() -> MetaSchema {
        MetaSchema {
            description: Some(R::DESCRIPTION),
            example: Some(R::EXAMPLE.into()),
            min_length: (R::MIN > 0).then_some(R::MIN),
            max_length: Some(R::MAX),
            pattern: R::PATTERN.map(|pattern| pattern.as_str().to_owned()),
            format: R::URL.then_some("uri"),
            ..MetaSchema::new("string")
        }
    }

    fn parse(value: Option<Value>) -> Result<String, String> {
        let text = match value {
            None => return Err(format!("缺少参数{}", R::NAME)),
            Some(Value::String(text)) => text,
            Some(Value::Null) => return Err(format!("{}不能为空", R::NAME)),
            Some(_) => return Err(format!("{}必须是字符串", R::NAME)),
        };
        if text.is_empty() && R::MIN > 0 {
            return Err(format!("{}不能为空", R::NAME));
        }
        if !text.validate_length(Some(R::MIN as u64), Some(R::MAX as u64), None) {
            return Err(format!("{}长度须为{}到{}个字符", R::NAME, R::MIN, R::MAX));
        }
        if !R::PATTERN.is_none_or(|pattern| text.validate_regex(&**pattern)) || (R::URL && !text.validate_url()) {
            return Err(R::MISMATCH.to_owned());
        }
        Ok(text)
    }

    fn to_json(value: &String) -> Option<Value> {
        Some(value.as_str().into())
    }

    fn example() -> String {
        R::EXAMPLE.to_owned()
    }
}

/// The rule for a text that the core knows by a type of its own.
pub trait ParsedText: TextRule {
    type Value: Send + Sync + 'static;

    /// The value of a text that satisfies the rule.
    fn parse(text: String) -> Option<Self::Value>;
}

/// The value of a text that satisfies the rule `R`.
pub type Parsed<R> = Field<ParsedKind<R>>;

pub struct ParsedKind<R>(PhantomData<R>);

impl<R: ParsedText> Kind for ParsedKind<R> {
    type Value = R::Value;

    fn schema() -> MetaSchema {
        TextKind::<R>::schema()
    }

    fn parse(value: Option<Value>) -> Result<R::Value, String> {
        TextKind::<R>::parse(value).and_then(|text| R::parse(text).ok_or_else(|| R::MISMATCH.to_owned()))
    }

    /// The example, which is all that is ever written: values that came in are not sent out.
    fn to_json(_value: &R::Value) -> Option<Value> {
        Some(R::EXAMPLE.into())
    }

    fn example() -> R::Value {
        R::parse(R::EXAMPLE.to_owned()).expect("the example of a rule satisfies it, which the specs' tests see")
    }
}
