use reqwest::RequestBuilder;

use crate::{
    types::{Phone, Timestamp},
    upstream::http::HttpClient,
};

use super::SmsMessage;

/// The longest code of an answer that is believed; the real ones have about 60 characters.
const LONGEST_CODE: usize = 100;

/// What tells one gateway from another: how a message is written down, and how an answer is read.
pub(super) trait Gateway: Send + Sync {
    /// Its name in the settings.
    fn name(&self) -> &'static str;

    /// The signed request, or `None` when the settings have no template for this kind of message.
    fn request(&self, http: &HttpClient, errand: &Errand<'_>) -> Option<RequestBuilder>;

    /// The code that says in an answer what became of the message.
    fn code(&self, body: &[u8]) -> Option<String>;

    fn meaning(&self, code: &str) -> Meaning;
}

/// One message, on its way once.
pub(super) struct Errand<'a> {
    pub(super) phone: &'a Phone,
    pub(super) message: &'a SmsMessage,
    pub(super) now: Timestamp,
    /// Another one for each request.
    pub(super) nonce: String,
}

/// What a gateway's code means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    Sent,
    Throttled,
    OutOfMoney,
    /// This number gets no message, whoever sends it.
    NumberRefused,
    /// Nothing gets through until the operator has looked at this.
    Misconfigured(&'static str),
    Refused,
    /// The gateway itself does not know what became of the message.
    Unclear,
}

/// Whether a text looks like a gateway's code, so that nothing else of an answer gets into the log: a verification
/// code or a phone number is of digits alone, and longer than any number that is a code.
pub(super) fn is_code(text: &str) -> bool {
    let is_name = text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.len() <= LONGEST_CODE
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_'));
    let is_number = (1..=5).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    is_name || is_number
}
