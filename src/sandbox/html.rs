//! What the sandbox's pages have in common.

use std::fmt::{self, Display, Formatter, Write};

use poem::{Response, http::StatusCode};

/// Nothing is loaded from elsewhere, and no script runs but the page's own. Forms may lead elsewhere, because a
/// browser counts the way back from the consent page as one of its form's addresses.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; \
                      base-uri 'none'; frame-ancestors 'none'";

pub(super) fn page(status: StatusCode, html: String) -> Response {
    Response::builder()
        .status(status)
        .content_type("text/html; charset=utf-8")
        .header("content-security-policy", POLICY)
        .header("cache-control", "no-store")
        .header("referrer-policy", "no-referrer")
        .body(html)
}

/// The template with each `{{name}}` replaced by HTML. What is put in is not looked at again.
pub(super) fn fill(template: &str, part: impl Fn(&str) -> String) -> String {
    let mut pieces = template.split("{{");
    let start = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(start, |page, piece| match piece.split_once("}}") {
        Some((name, rest)) => page + &part(name) + rest,
        None => page + piece,
    })
}

/// A text as HTML shows it, whatever it holds.
pub(super) struct Escaped<'a>(pub(super) &'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|character| match character {
            '&' => formatter.write_str("&amp;"),
            '<' => formatter.write_str("&lt;"),
            '>' => formatter.write_str("&gt;"),
            '"' => formatter.write_str("&quot;"),
            '\'' => formatter.write_str("&#39;"),
            other => formatter.write_char(other),
        })
    }
}
