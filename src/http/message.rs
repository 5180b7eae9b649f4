//! Passes messages for the client through poem-openapi's parse errors, which wrap them in texts of their own.

/// A control character. The framework's own texts contain none, since JSON escapes them in quoted values.
const MARK: char = '\u{1}';

/// Marks a message, so that [`marked_in`] finds it.
pub(super) fn mark(message: &str) -> String {
    format!("{MARK}{message}{MARK}")
}

/// The marked message in an error text of the framework. The rest of the text may quote the request.
pub(super) fn marked_in(text: &str) -> String {
    text.split(MARK).nth(1).unwrap_or("请求参数错误").to_owned()
}
