//! How a message for the caller travels through poem-openapi's errors, which are texts of its own around ours.

use poem_openapi::types::{ParseError, Type};

/// A control character, which no message of the framework contains: it shows values as JSON, and JSON escapes it.
const MARK: char = '\u{1}';

/// A parse error with a message for the caller.
pub(super) fn refusal<T: Type>(message: &str) -> ParseError<T> {
    ParseError::custom(format!("{MARK}{message}{MARK}"))
}

/// The message for the caller inside an error text. The rest of the text may quote what the caller sent.
pub(super) fn message_in(reason: &str) -> Option<&str> {
    reason.split(MARK).nth(1)
}
