use std::{borrow::Cow, marker::PhantomData, sync::LazyLock};

use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef},
    types::{Example, ParseError, ParseFromJSON, ParseFromParameter, ParseResult, ToJSON, Type},
};
use regex::Regex;
use serde_json::Value;
use validator::{ValidateLength, ValidateRegex, ValidateUrl};

use super::{
    door::Stray,
    raw_value::whole_value,
    rule_text::{message_in, refusal},
};

/// What one kind of text must be like. The spec publishes the same rule that requests are held to.
pub trait Rule: Send + Sync + 'static {
    /// As the caller knows it, for messages.
    const NAME: &'static str;
    const DESCRIPTION: &'static str;
    const EXAMPLE: &'static str;
    /// In characters.
    const MIN: usize = 1;
    /// In characters.
    const MAX: usize;
    /// A pattern in the common subset of ECMA 262 and the `regex` crate.
    const PATTERN: Option<&'static str> = None;
    /// Whether it is an absolute URL.
    const URL: bool = false;
    /// What to tell a caller whose text has the right length and breaks the pattern.
    const MISMATCH: &'static str = "";

    /// The compiled pattern, made once.
    fn regex() -> Option<&'static LazyLock<Regex>> {
        None
    }
}

/// Inside an `impl Rule`: the pattern, published and compiled from one constant.
macro_rules! pattern {
    ($pattern:expr) => {
        const PATTERN: Option<&'static str> = Some($pattern);

        fn regex() -> Option<&'static std::sync::LazyLock<regex::Regex>> {
            static REGEX: std::sync::LazyLock<regex::Regex> =
                std::sync::LazyLock::new(|| regex::Regex::new($pattern).expect("a constant that the tests compile"));
            Some(&REGEX)
        }
    };
}
pub(crate) use pattern;

/// A text from outside that keeps the rule `R`.
pub struct Text<R>(String, PhantomData<R>);

impl<R: Rule> Text<R> {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn into_string(self) -> String {
        self.0
    }

    /// The text, if it keeps the rule.
    ///
    /// # Errors
    /// [`Stray::BadField`] that says what is wrong.
    pub fn parse(text: &str) -> Result<Self, Stray> {
        Self::checked(text)
            .map_err(|error| Stray::BadField(message_in(error.message()).unwrap_or(R::MISMATCH).to_owned()))
    }

    fn checked(text: &str) -> ParseResult<Self> {
        if text.is_empty() && R::MIN > 0 {
            return Err(refusal(&format!("{}不能为空", R::NAME)));
        }
        if !text.validate_length(Some(R::MIN as u64), Some(R::MAX as u64), None) {
            return Err(refusal(&format!("{}长度须为{}到{}个字符", R::NAME, R::MIN, R::MAX)));
        }
        if !R::regex().is_none_or(|pattern| text.validate_regex(&**pattern)) || (R::URL && !text.validate_url()) {
            return Err(refusal(R::MISMATCH));
        }
        Ok(Self(text.to_owned(), PhantomData))
    }
}

impl<R: Rule> Type for Text<R> {
    const IS_REQUIRED: bool = true;
    whole_value!();

    fn name() -> Cow<'static, str> {
        R::NAME.into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema {
            description: Some(R::DESCRIPTION),
            example: Some(R::EXAMPLE.into()),
            min_length: (R::MIN > 0).then_some(R::MIN),
            max_length: Some(R::MAX),
            pattern: R::PATTERN.map(str::to_owned),
            format: R::URL.then_some("uri"),
            ..MetaSchema::new("string")
        }))
    }
}

impl<R: Rule> ParseFromJSON for Text<R> {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        match value {
            None => Err(refusal(&format!("缺少参数{}", R::NAME))),
            Some(Value::String(text)) => Self::checked(&text),
            Some(Value::Null) => Err(refusal(&format!("{}不能为空", R::NAME))),
            Some(_) => Err(refusal(&format!("{}必须是字符串", R::NAME))),
        }
    }
}

impl<R: Rule> ParseFromParameter for Text<R> {
    fn parse_from_parameter(value: &str) -> ParseResult<Self> {
        Self::checked(value)
    }

    fn parse_from_parameters<I: IntoIterator<Item = A>, A: AsRef<str>>(values: I) -> Result<Self, ParseError<Self>> {
        match values.into_iter().next() {
            Some(value) => Self::checked(value.as_ref()),
            None => Err(refusal(&format!("缺少参数{}", R::NAME))),
        }
    }
}

impl<R: Rule> Example for Text<R> {
    fn example() -> Self {
        Self(R::EXAMPLE.to_owned(), PhantomData)
    }
}

impl<R: Rule> ToJSON for Text<R> {
    fn to_json(&self) -> Option<Value> {
        Some(Value::String(self.0.clone()))
    }
}
