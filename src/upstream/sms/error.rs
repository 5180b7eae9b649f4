use reqwest::StatusCode;

use super::gateway::Outcome;
use crate::{types::Phone, upstream::http::HttpError};

/// Why a message was not sent, or not certainly, as far as the caller needs to know; details are in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmsError {
    /// The gateway sends no more for now, to this number or for this account. A definite refusal: nothing was sent, and
    /// it does not count as sent.
    Throttled,
    /// The account at the gateway has no money left. A definite refusal: it does not count as sent.
    OutOfMoney,
    /// Any other definite refusal, such as of a number, a signature or a template. It does not count as sent.
    Refused,
    /// The request certainly never reached the gateway. It does not count as sent.
    NotSent,
    /// The gateway did not respond in time, or not clearly. The message may be on its way, so it counts as sent, and
    /// must not be repeated unless the user asks for it.
    Unknown,
}

/// Why one message failed. It contains nothing that was sent, and only a code of the response.
#[derive(Debug, thiserror::Error)]
pub(super) enum SendError {
    #[error("no template")]
    NoTemplate,
    #[error(transparent)]
    Http(HttpError),
    #[error("HTTP status {}", .0.as_u16())]
    Status(StatusCode),
    #[error("an unusable answer")]
    Unreadable,
    #[error("{code}")]
    Code { code: String, outcome: Outcome },
}

impl SendError {
    /// Logs the failure at the level it deserves, and returns what it means for the caller.
    pub(super) fn report(self, gateway: &'static str, phone: &Phone, kind: &'static str) -> SmsError {
        let phone = phone.masked();
        let code = self.to_string();
        match self {
            Self::NoTemplate => {
                tracing::error!(gateway, kind, "the settings have no template for this kind of SMS");
                SmsError::Refused
            }
            Self::Http(HttpError::NotSent(cause)) => {
                tracing::warn!(gateway, kind, phone, cause, "the SMS gateway was not reached");
                SmsError::NotSent
            }
            Self::Status(StatusCode::TOO_MANY_REQUESTS) | Self::Code { outcome: Outcome::Throttled, .. } => {
                tracing::warn!(gateway, kind, phone, code, "the SMS gateway sends no more for now");
                SmsError::Throttled
            }
            Self::Status(status) if status.is_client_error() || status.is_redirection() => {
                let (status, check) = (status.as_u16(), "sms.api_base");
                tracing::error!(gateway, kind, phone, status, check, "what answers is not the SMS gateway");
                SmsError::Refused
            }
            Self::Code { outcome: Outcome::OutOfMoney, .. } => {
                tracing::error!(gateway, kind, phone, code, "the account at the SMS gateway is out of money");
                SmsError::OutOfMoney
            }
            Self::Code { outcome: Outcome::NumberRefused, .. } => {
                tracing::warn!(gateway, kind, phone, code, "the SMS gateway does not send to this number");
                SmsError::Refused
            }
            Self::Code { outcome: Outcome::Misconfigured(check), .. } => {
                tracing::error!(gateway, kind, phone, code, check, "the SMS gateway refuses the configuration");
                SmsError::Refused
            }
            Self::Code { outcome: Outcome::Refused, .. } => {
                tracing::error!(gateway, kind, phone, code, "the SMS gateway refused a message");
                SmsError::Refused
            }
            Self::Http(_) | Self::Status(_) | Self::Unreadable | Self::Code { .. } => {
                tracing::warn!(
                    gateway,
                    kind,
                    phone,
                    cause = code,
                    "it is unknown whether the SMS gateway took a message"
                );
                SmsError::Unknown
            }
        }
    }
}
