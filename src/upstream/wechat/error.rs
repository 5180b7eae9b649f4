use std::fmt;

use crate::upstream::http::Failure;

/// Why WeChat did not do what was asked, as far as it matters to the caller; the details are in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WechatError {
    /// The code is unknown, used, expired or another user's: the client needs a new one.
    CodeInvalid,
    /// WeChat holds the user for risky and does not let them in.
    UserBlocked,
    /// Who came back from the OAuth page is a stand-in that WeChat makes for somebody who only looks at a page, not
    /// a user: they have to open the page in full and allow it.
    SnapshotUser,
    /// WeChat is unreachable, slow, busy, over quota, misconfigured or not understood.
    Unavailable,
}

/// The calls of WeChat's API that this client makes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Call {
    Session,
    Phone,
    AccessToken,
    OAuthToken,
    UserInfo,
}

impl Call {
    /// WeChat's name of the call.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Session => "jscode2session",
            Self::Phone => "getuserphonenumber",
            Self::AccessToken => "stable_token",
            Self::OAuthToken => "oauth2/access_token",
            Self::UserInfo => "userinfo",
        }
    }

    /// Whether a second call does no harm when the first may have been processed: the others spend a code.
    fn is_idempotent(self) -> bool {
        matches!(self, Self::AccessToken | Self::UserInfo)
    }

    fn spends_a_code(self) -> bool {
        matches!(self, Self::Session | Self::Phone | Self::OAuthToken)
    }

    fn is_by_official_account(self) -> bool {
        matches!(self, Self::OAuthToken | Self::UserInfo)
    }
}

/// What went wrong with one call. It holds nothing that WeChat or a client sent, but numbers.
pub(super) enum Fault {
    Transport(Failure),
    /// No answer in the time that was left.
    TimedOut,
    Status(u16),
    Unreadable(&'static str),
    Errcode(i64),
    /// The number was given to another app.
    ForeignApp,
    /// The code is of a stand-in for a user.
    Snapshot,
    NoOfficialAccount,
}

impl Fault {
    /// Whether the call can be repeated without spending anything twice.
    pub(super) fn is_safe_to_repeat(&self, call: Call) -> bool {
        match self {
            Self::Transport(Failure::NotSent(_)) | Self::Errcode(-1 | 45011) => true,
            Self::Transport(_) | Self::TimedOut | Self::Status(500..) | Self::Unreadable(_) => call.is_idempotent(),
            Self::Status(_) | Self::Errcode(_) | Self::ForeignApp | Self::Snapshot | Self::NoOfficialAccount => false,
        }
    }

    /// Whether WeChat refused the access token, so that the call, which did nothing, needs a new one.
    pub(super) fn is_stale_access_token(&self) -> bool {
        matches!(self, Self::Errcode(40001 | 40014 | 42001))
    }

    /// Says in the log what happened, as loudly as it deserves, and answers what it means to the caller.
    pub(super) fn report(self, call: Call) -> WechatError {
        let name = call.name();
        match self {
            Self::Errcode(errcode) => report_errcode(call, errcode),
            Self::ForeignApp => {
                tracing::warn!(call = name, "WeChat answered with a phone number that was given to another app");
                WechatError::CodeInvalid
            }
            Self::NoOfficialAccount => {
                tracing::error!(call = name, "a visitor came, but the settings have no wechat.official");
                WechatError::Unavailable
            }
            Self::Snapshot => {
                tracing::info!(call = name, "WeChat answered with a snapshot user");
                WechatError::SnapshotUser
            }
            fault => {
                tracing::warn!(call = name, fault = %fault, "WeChat did not answer as it should");
                WechatError::Unavailable
            }
        }
    }
}

fn report_errcode(call: Call, errcode: i64) -> WechatError {
    let name = call.name();
    match errcode {
        40029 | 40163 | 42003 | 41008 if call.spends_a_code() => {
            tracing::debug!(call = name, errcode, "WeChat refused the code");
            return WechatError::CodeInvalid;
        }
        40003 if call == Call::Phone => {
            tracing::debug!(call = name, errcode, "WeChat refused the code for this user");
            return WechatError::CodeInvalid;
        }
        40226 if call.spends_a_code() => {
            tracing::info!(call = name, errcode, "WeChat blocked the user as risky");
            return WechatError::UserBlocked;
        }
        _ => {}
    }
    if let Some(check) = what_to_check(call, errcode) {
        tracing::error!(call = name, errcode, check, "WeChat refuses the configuration of this service");
    } else if errcode == 45009 {
        tracing::error!(call = name, errcode, "the quota of calls to WeChat is used up: see the app's quota page");
    } else {
        tracing::warn!(call = name, errcode, "WeChat failed");
    }
    WechatError::Unavailable
}

/// What the operator has to look at after an error that no user and no repetition can mend.
fn what_to_check(call: Call, errcode: i64) -> Option<&'static str> {
    Some(match (call, errcode) {
        (_, 40125 | 41004) if call.is_by_official_account() => "the app secret (wechat.official.secret)",
        (_, 40013 | 41002) if call.is_by_official_account() => "the appid (wechat.official.appid)",
        (Call::AccessToken, 40001) | (_, 40125 | 41004) => "the app secret (wechat.mini.secret)",
        (Call::Phone, 40001 | 40014 | 42001) => {
            "whether another system renews this app's access token without stable_token: a new one was refused"
        }
        (_, 40013 | 41002) => "the appid (wechat.mini.appid)",
        (_, 40164) => "the IP allow-list of the app: this server's address is not on it",
        (_, 48001) => "the permissions of the app: it may not make this call",
        (_, 50002) => "the state of the app: WeChat has restricted or frozen it",
        _ => return None,
    })
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transport(Failure::NotSent(cause)) => write!(f, "no connection ({cause})"),
            Self::Transport(Failure::Lost(cause)) => write!(f, "no whole answer ({cause})"),
            Self::Transport(Failure::TooLong) => f.write_str("an overlong answer"),
            Self::TimedOut => f.write_str("no answer in time"),
            Self::Status(status) => write!(f, "HTTP status {status}"),
            Self::Unreadable(what) => write!(f, "an unusable answer: {what}"),
            Self::Errcode(errcode) => write!(f, "errcode {errcode}"),
            Self::ForeignApp => f.write_str("a number given to another app"),
            Self::Snapshot => f.write_str("a snapshot user"),
            Self::NoOfficialAccount => f.write_str("no official account"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meaning(call: Call, errcodes: &[i64]) -> Vec<WechatError> {
        errcodes.iter().map(|errcode| Fault::Errcode(*errcode).report(call)).collect()
    }

    #[test]
    fn a_code_that_wechat_refuses_is_the_clients_to_mend() {
        for call in [Call::Session, Call::Phone, Call::OAuthToken] {
            assert_eq!(meaning(call, &[40029, 40163, 42003, 41008]), [WechatError::CodeInvalid; 4]);
            assert_eq!(meaning(call, &[40226]), [WechatError::UserBlocked]);
        }
        assert_eq!(meaning(Call::Phone, &[40003]), [WechatError::CodeInvalid]);
    }

    #[test]
    fn every_other_errcode_is_an_unavailable_wechat() {
        let others = [-1, 1, 40013, 40125, 40164, 41002, 41004, 45009, 45011, 48001, 50002, i64::MIN, i64::MAX];
        for call in [Call::Session, Call::Phone, Call::AccessToken, Call::OAuthToken, Call::UserInfo] {
            assert_eq!(meaning(call, &others), [WechatError::Unavailable; 13]);
        }
        for call in [Call::Session, Call::AccessToken, Call::OAuthToken, Call::UserInfo] {
            assert_eq!(meaning(call, &[40003]), [WechatError::Unavailable]);
        }
        for call in [Call::AccessToken, Call::UserInfo] {
            assert_eq!(meaning(call, &[40029, 40226]), [WechatError::Unavailable; 2]);
        }
    }

    #[test]
    fn a_snapshot_user_is_no_user_and_is_not_asked_for_again() {
        assert!(!Fault::Snapshot.is_safe_to_repeat(Call::OAuthToken));
        assert_eq!(Fault::Snapshot.report(Call::OAuthToken), WechatError::SnapshotUser);
    }

    #[test]
    fn a_call_that_spends_a_code_is_repeated_only_when_nothing_was_spent() {
        let lost = || Fault::Transport(Failure::Lost(String::new()));
        let not_sent = || Fault::Transport(Failure::NotSent(String::new()));
        for call in [Call::Session, Call::Phone, Call::OAuthToken] {
            for fault in [not_sent(), Fault::Errcode(-1), Fault::Errcode(45011)] {
                assert!(fault.is_safe_to_repeat(call), "{fault}");
            }
            for fault in [lost(), Fault::TimedOut, Fault::Status(502), Fault::Unreadable(""), Fault::Errcode(40029)] {
                assert!(!fault.is_safe_to_repeat(call), "{fault}");
            }
        }
    }

    #[test]
    fn a_call_that_spends_nothing_is_repeated_whatever_became_of_the_first() {
        for call in [Call::AccessToken, Call::UserInfo] {
            let lost = Fault::Transport(Failure::Lost(String::new()));
            for fault in [lost, Fault::TimedOut, Fault::Status(502), Fault::Unreadable(""), Fault::Errcode(-1)] {
                assert!(fault.is_safe_to_repeat(call), "{fault}");
            }
            for fault in [Fault::Status(404), Fault::Errcode(40125), Fault::Errcode(45009)] {
                assert!(!fault.is_safe_to_repeat(call), "{fault}");
            }
        }
    }
}
