//! The audit trail: security events, one line each in the log, under a target of their own.

use std::sync::OnceLock;

use super::Error;
use crate::types::{ClientIp, UserId};

/// The `target` of every security event.
const TARGET: &str = "passport::security";

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    Login,
    Register,
    PasswordReset,
    SmsCode,
    PhoneBind,
    Refresh,
    Logout,
    Disable,
    Enable,
    Delete,
}

/// By which method it happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    Password,
    SmsCode,
    MiniProgram,
    OfficialAccount,
    /// The phone number button of the mini program.
    PhoneCode,
    Token,
    /// An administrator's command.
    Command,
}

/// The outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Ok,
    PasswordWrong,
    CodeInvalid,
    StateInvalid,
    BlockedByWechat,
    SnapshotUser,
    WechatUnavailable,
    RefusedByWechat,
    PhoneTaken,
    WrongPurpose,
    LimitReached,
    Disabled,
    TokenReused,
    Failed,
}

impl Event {
    fn name(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Register => "register",
            Self::PasswordReset => "password_reset",
            Self::SmsCode => "sms_code",
            Self::PhoneBind => "phone_bind",
            Self::Refresh => "refresh",
            Self::Logout => "logout",
            Self::Disable => "disable",
            Self::Enable => "enable",
            Self::Delete => "delete",
        }
    }

    /// The outcome of an event that ended with this error.
    fn outcome(self, error: Error) -> Outcome {
        match error {
            Error::PasswordWrong => Outcome::PasswordWrong,
            Error::SmsCodeInvalid | Error::LoginCodeInvalid => Outcome::CodeInvalid,
            Error::StateInvalid => Outcome::StateInvalid,
            Error::LoginBlocked => Outcome::BlockedByWechat,
            Error::SnapshotUser => Outcome::SnapshotUser,
            Error::LoginUnavailable => Outcome::WechatUnavailable,
            Error::PhoneCodeInvalid | Error::PhoneUnavailable => Outcome::RefusedByWechat,
            Error::PhoneTaken => Outcome::PhoneTaken,
            Error::PhoneRegistered | Error::PhoneUnknown if self == Self::SmsCode => Outcome::WrongPurpose,
            Error::TooManyFailures { .. } | Error::TooManySms { .. } | Error::TooManyPasswords { .. } => {
                Outcome::LimitReached
            }
            Error::UserDisabled => Outcome::Disabled,
            Error::TokenInvalid
            | Error::UserGone
            | Error::PhoneRegistered
            | Error::PhoneUnknown
            | Error::SmsThrottled
            | Error::SmsUnavailable
            | Error::SmsUncertain
            | Error::PasswordCommon
            | Error::OfficialMissing
            | Error::ReturnAddressUnknown
            | Error::Overloaded
            | Error::Unavailable
            | Error::Internal => Outcome::Failed,
        }
    }
}

impl Outcome {
    fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::PasswordWrong => "password wrong",
            Self::CodeInvalid => "code invalid",
            Self::StateInvalid => "state invalid",
            Self::BlockedByWechat => "blocked by wechat",
            Self::SnapshotUser => "snapshot user",
            Self::WechatUnavailable => "wechat unavailable",
            Self::RefusedByWechat => "refused by wechat",
            Self::PhoneTaken => "another user has it",
            Self::WrongPurpose => "wrong purpose",
            Self::LimitReached => "limit reached",
            Self::Disabled => "disabled",
            Self::TokenReused => "replaced token reused, session ended",
            Self::Failed => "failed",
        }
    }
}

impl Method {
    fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::SmsCode => "sms_code",
            Self::MiniProgram => "mini_program",
            Self::OfficialAccount => "official_account",
            Self::PhoneCode => "phone_code",
            Self::Token => "token",
            Self::Command => "command",
        }
    }
}

/// A security event that is being written: what happens, by which method, to whom, and from where.
pub(super) struct AuditEntry<'a> {
    event: Event,
    method: Method,
    /// `None` when an administrator did it.
    client: Option<&'a ClientIp>,
    user: OnceLock<UserId>,
    /// The masked openid or phone number.
    subject: OnceLock<String>,
}

impl<'a> AuditEntry<'a> {
    pub(super) fn new(event: Event, method: Method, client: &'a ClientIp) -> Self {
        Self { event, method, client: Some(client), user: OnceLock::new(), subject: OnceLock::new() }
    }

    /// Of an administrator.
    pub(super) fn by_command(event: Event) -> Self {
        Self { event, method: Method::Command, client: None, user: OnceLock::new(), subject: OnceLock::new() }
    }

    /// Says whom the event is about, once that is known.
    pub(super) fn user(&self, id: UserId) {
        self.user.get_or_init(|| id);
    }

    /// Says whom the event is about, by a masked openid or phone number.
    pub(super) fn subject(&self, masked: String) {
        self.subject.get_or_init(|| masked);
    }

    /// Writes the event with the outcome that a result means, and hands the result on.
    pub(super) fn finish<T>(&self, result: Result<T, Error>) -> Result<T, Error> {
        self.write(result.as_ref().map_or_else(|error| self.event.outcome(*error), |_| Outcome::Ok));
        result
    }

    /// Writes the event; all but a success as a warning.
    pub(super) fn write(&self, outcome: Outcome) {
        let is_success = outcome == Outcome::Ok;
        let (event, outcome, method) = (self.event.name(), outcome.name(), self.method.name());
        let user = self.user.get().map(|id| id.get());
        let subject = self.subject.get().map_or("", String::as_str);
        let address = self.client.map_or_else(|| "operator".to_owned(), |client| client.address().to_string());
        let address = address.as_str();
        if is_success {
            tracing::info!(target: TARGET, event, outcome, method, user, subject, address);
        } else {
            tracing::warn!(target: TARGET, event, outcome, method, user, subject, address);
        }
    }
}
