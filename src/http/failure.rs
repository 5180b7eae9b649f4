use std::borrow::Cow;

/// `Retry-After` of a 503, in seconds.
const RETRY_AFTER: u64 = 5;

/// An error as a dialect reports it.
pub struct Failure {
    /// The HTTP status.
    pub status: u16,
    /// For the user, in Chinese.
    pub message: Cow<'static, str>,
    /// The header `Retry-After`, in seconds.
    pub retry_after: Option<u64>,
}

impl Failure {
    pub fn new(status: u16, message: impl Into<Cow<'static, str>>) -> Self {
        Self { status, message: message.into(), retry_after: (status == 503).then_some(RETRY_AFTER) }
    }
}
