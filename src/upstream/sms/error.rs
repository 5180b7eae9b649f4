use reqwest::StatusCode;

use crate::{types::Phone, upstream::http::Failure};

use super::gateway::Meaning;

/// Why a message was not sent, or not certainly, as far as it matters to the caller; the details are in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmsError {
    /// The gateway has sent enough for now, to this number or for this account. A definite refusal: nothing was
    /// sent, and it does not count as sent.
    Throttled,
    /// The account at the gateway is empty. A definite refusal: it does not count as sent.
    OutOfMoney,
    /// Any other definite refusal, such as a number, a signature or a template that the gateway does not take. It
    /// does not count as sent.
    Refused,
    /// The request certainly never reached the gateway. It does not count as sent.
    NotSent,
    /// The gateway did not answer in time, wholly or clearly: the message may be on its way, so it counts as sent and
    /// is not to be repeated without the user asking for it.
    Unknown,
}

/// What went wrong with one message. It holds nothing that was sent, and of the answer only a code.
pub(super) enum Fault {
    /// There is no template for this kind of message.
    NoTemplate,
    Transport(Failure),
    Status(StatusCode),
    Unreadable,
    Code {
        code: String,
        meaning: Meaning,
    },
}

impl Fault {
    /// Says in the log what happened, as loudly as it deserves, and answers what it means to the caller.
    pub(super) fn report(self, gateway: &'static str, phone: &Phone, kind: &'static str) -> SmsError {
        let phone = phone.masked();
        match self {
            Self::NoTemplate => {
                tracing::error!(gateway, kind, "the settings have no template for this kind of SMS");
                SmsError::Refused
            }
            Self::Transport(Failure::NotSent(cause)) => {
                tracing::warn!(gateway, kind, phone, cause, "the SMS gateway was not reached");
                SmsError::NotSent
            }
            Self::Transport(Failure::Lost(cause)) => unclear(gateway, kind, &phone, &cause),
            Self::Transport(Failure::TooLong) => unclear(gateway, kind, &phone, "an overlong answer"),
            Self::Unreadable => unclear(gateway, kind, &phone, "an unusable answer"),
            Self::Status(StatusCode::TOO_MANY_REQUESTS) => throttled(gateway, kind, &phone, "HTTP status 429"),
            Self::Status(status) if status.is_client_error() || status.is_redirection() => {
                let (status, check) = (status.as_u16(), "sms.api_base");
                tracing::error!(gateway, kind, phone, status, check, "what answers is not the SMS gateway");
                SmsError::Refused
            }
            Self::Status(status) => unclear(gateway, kind, &phone, &format!("HTTP status {}", status.as_u16())),
            Self::Code { code, meaning } => match meaning {
                Meaning::Throttled => throttled(gateway, kind, &phone, &code),
                Meaning::OutOfMoney => {
                    tracing::error!(gateway, kind, phone, code, "the account at the SMS gateway is out of money");
                    SmsError::OutOfMoney
                }
                Meaning::NumberRefused => {
                    tracing::warn!(gateway, kind, phone, code, "the SMS gateway does not send to this number");
                    SmsError::Refused
                }
                Meaning::Misconfigured(check) => {
                    tracing::error!(gateway, kind, phone, code, check, "the SMS gateway refuses the configuration");
                    SmsError::Refused
                }
                Meaning::Refused => {
                    tracing::error!(gateway, kind, phone, code, "the SMS gateway refused a message");
                    SmsError::Refused
                }
                Meaning::Sent | Meaning::Unclear => unclear(gateway, kind, &phone, &code),
            },
        }
    }
}

fn throttled(gateway: &'static str, kind: &'static str, phone: &str, code: &str) -> SmsError {
    tracing::warn!(gateway, kind, phone, code, "the SMS gateway sends no more for now");
    SmsError::Throttled
}

fn unclear(gateway: &'static str, kind: &'static str, phone: &str, cause: &str) -> SmsError {
    tracing::warn!(gateway, kind, phone, cause, "it is unknown whether the SMS gateway took a message");
    SmsError::Unknown
}
