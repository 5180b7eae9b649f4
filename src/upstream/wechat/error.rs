use super::errcode::Outcome;
use crate::upstream::http::HttpError;

/// Why WeChat did not do what was asked, as far as the caller needs to know; details are in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WechatError {
    /// The code is unknown, used, expired or another user's: the client needs a new one.
    CodeInvalid,
    /// WeChat has blocked the user as risky.
    UserBlocked,
    /// The OAuth code is of a snapshot (virtual) user, which WeChat creates for a visitor who only previews a page.
    /// The visitor has to open the full page and allow access.
    SnapshotUser,
    /// WeChat is unreachable, slow, busy, over quota, misconfigured or not understood.
    Unavailable,
}

/// Why one request failed. Of what WeChat or a client sent, it contains only numbers.
#[derive(Debug, thiserror::Error)]
pub(super) enum CallError {
    #[error(transparent)]
    Http(HttpError),
    /// The deadline of the whole call.
    #[error("no answer in time")]
    TimedOut,
    #[error("HTTP status {0}")]
    Status(u16),
    #[error("an unusable answer: {0}")]
    Unreadable(&'static str),
    #[error("errcode {errcode}")]
    Errcode { errcode: i64, outcome: Outcome },
    /// The phone number was given to another app.
    #[error("a number given to another app")]
    AnotherApp,
    #[error("a snapshot user")]
    SnapshotUser,
    #[error("no official account")]
    NoOfficialAccount,
}

impl CallError {
    /// Whether a second request can succeed without spending a code twice.
    pub(super) fn is_safe_to_repeat(&self, spends_code: bool) -> bool {
        match self {
            Self::Http(HttpError::NotSent(_)) | Self::Errcode { outcome: Outcome::Busy, .. } => true,
            Self::Http(_) | Self::TimedOut | Self::Status(500..) | Self::Unreadable(_) => !spends_code,
            Self::Status(_) | Self::Errcode { .. } => false,
            Self::AnotherApp | Self::SnapshotUser | Self::NoOfficialAccount => false,
        }
    }

    /// Whether WeChat refused the access token, and did nothing.
    pub(super) fn is_stale_access_token(&self) -> bool {
        matches!(self, Self::Errcode { outcome: Outcome::AccessTokenStale, .. })
    }

    /// Logs the failure of `call` at the level it deserves, and returns what it means for the caller.
    pub(super) fn report(self, call: &'static str) -> WechatError {
        match self {
            Self::Errcode { errcode, outcome } => return report_errcode(call, errcode, outcome),
            Self::AnotherApp => {
                tracing::warn!(call, "WeChat answered with a phone number that was given to another app");
                return WechatError::CodeInvalid;
            }
            Self::SnapshotUser => {
                tracing::info!(call, "WeChat answered with a snapshot user");
                return WechatError::SnapshotUser;
            }
            Self::NoOfficialAccount => {
                tracing::error!(call, "a login through the official account, but wechat.official is not set");
            }
            error => tracing::warn!(call, %error, "WeChat did not answer as it should"),
        }
        WechatError::Unavailable
    }
}

fn report_errcode(call: &'static str, errcode: i64, outcome: Outcome) -> WechatError {
    match outcome {
        Outcome::CodeInvalid => {
            tracing::debug!(call, errcode, "WeChat refused the code");
            return WechatError::CodeInvalid;
        }
        Outcome::UserBlocked => {
            tracing::info!(call, errcode, "WeChat blocked the user as risky");
            return WechatError::UserBlocked;
        }
        Outcome::AccessTokenStale => {
            let check =
                "whether another system renews this app's access token without stable_token: a new one was refused";
            return report_errcode(call, errcode, Outcome::Misconfigured(check));
        }
        Outcome::Misconfigured(check) => {
            tracing::error!(call, errcode, check, "WeChat refuses the configuration of this service");
        }
        Outcome::QuotaUsedUp => {
            tracing::error!(call, errcode, "the quota of calls to WeChat is used up: see the app's quota page");
        }
        Outcome::Busy | Outcome::Failed => tracing::warn!(call, errcode, "WeChat failed"),
    }
    WechatError::Unavailable
}
