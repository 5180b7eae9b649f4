use reqwest::RequestBuilder;

use super::message::SmsMessage;
use crate::{
    types::{Phone, Timestamp},
    upstream::http::HttpClient,
};

/// The longest code of a response that is accepted; real ones have about 60 characters.
const MAX_CODE: usize = 100;

/// How one gateway's requests are written and its responses read.
pub(super) trait Gateway: Send + Sync {
    /// Its name in the settings.
    fn name(&self) -> &'static str;

    /// The signed request, or `None` when the settings have no template for this kind of message.
    fn request(&self, http: &HttpClient, sms: &SmsRequest<'_>) -> Option<RequestBuilder>;

    /// The code in a response that tells the outcome.
    fn code(&self, body: &[u8]) -> Option<String>;

    fn outcome(&self, code: &str) -> Outcome;
}

/// One attempt to send one message.
pub(super) struct SmsRequest<'a> {
    pub(super) phone: &'a Phone,
    pub(super) message: &'a SmsMessage,
    pub(super) now: Timestamp,
    /// Unique for each request.
    pub(super) nonce: String,
}

/// What a gateway's code means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Sent,
    Throttled,
    OutOfMoney,
    /// This number receives no message from any sender.
    NumberRefused,
    /// Nothing is sent until the operator has checked this.
    Misconfigured(&'static str),
    Refused,
    /// The gateway itself does not know the outcome.
    Unknown,
}

/// Whether a text looks like a gateway's code, so that nothing else of a response gets into the log: a verification code
/// or a phone number is all digits, and longer than any numeric code.
pub(super) fn is_code(text: &str) -> bool {
    let is_name = text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.len() <= MAX_CODE
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_'));
    let is_number = (1..=5).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    is_name || is_number
}
