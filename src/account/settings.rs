use std::time::Duration;

use serde::Deserialize;
use validator::{Validate, ValidationError};

use super::PasswordSettings;
use crate::{storage::LimitCount, types::Timestamp};

/// What the core is told about its rules.
#[derive(Clone)]
pub struct Settings {
    pub applet_tokens: TokenRules,
    pub applet_code_failures: LimitRule,
    pub mall_tokens: TokenRules,
    /// By how much a token of the mall must last longer for that to be written.
    pub mall_extension_step: Duration,
    /// Whether `send_sms` keeps to itself which numbers are members'.
    pub hide_registration: bool,
    pub limits: MemberLimits,
    pub password: PasswordSettings,
    /// Where WeChat's consent page may return to; the first is the default.
    pub return_urls: Vec<String>,
}

/// `[mall.limits]`: how often codes are sent and passwords are tried.
#[derive(Clone, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct MemberLimits {
    /// Messages for one number and type.
    #[validate(nested)]
    pub sms_gap: LimitRule,
    /// Messages for one number.
    #[validate(nested)]
    pub sms_number: LimitRule,
    /// Calls from one address.
    #[validate(nested)]
    pub sms_calls: LimitRule,
    /// Messages of the whole service.
    #[validate(nested)]
    pub sms_budget: LimitRule,
    #[serde(with = "crate::types::duration")]
    pub sms_code_ttl: Duration,
    #[validate(range(min = 1, max = 100, message = "must be from 1 to 100"))]
    pub sms_code_tries: i32,
    /// Wrong passwords for one account from one address.
    #[validate(nested)]
    pub password_account_address: LimitRule,
    /// Wrong passwords for one account from addresses that are not known.
    #[validate(nested)]
    pub password_account: LimitRule,
    /// Wrong passwords from one address.
    #[validate(nested)]
    pub password_address: LimitRule,
    /// Logins through the consent page that one address begins.
    #[validate(nested)]
    pub oauth_states: LimitRule,
    /// How long after a login an address is known for the account.
    #[serde(with = "crate::types::duration")]
    pub known_address: Duration,
}

/// How long tokens and the sessions they belong to live.
#[derive(Clone)]
pub struct TokenRules {
    /// From its start to its end.
    pub ttl: Duration,
    /// How long after its end a token can still be refreshed.
    pub refresh_window: Duration,
    /// How long after the login the last token of a session ends.
    pub session_ttl: Duration,
    /// How long after its replacement a token may be refreshed again, because the answer was lost.
    pub reuse_grace: Duration,
}

impl TokenRules {
    /// When a token that starts `now` ends, in a session that started at `session_started_at`.
    pub(super) fn token_end(&self, now: Timestamp, session_started_at: Timestamp) -> Timestamp {
        (now + seconds(self.ttl)).min(self.session_end(session_started_at))
    }

    pub(super) fn session_end(&self, session_started_at: Timestamp) -> Timestamp {
        session_started_at + seconds(self.session_ttl)
    }

    /// Until when a session whose newest token ends at `token_end` can be of use.
    pub(super) fn last_use(&self, token_end: Timestamp, session_started_at: Timestamp) -> Timestamp {
        (token_end + seconds(self.refresh_window)).min(self.session_end(session_started_at))
    }
}

/// So many, in so long.
#[derive(Clone, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct LimitRule {
    #[validate(range(min = 1, message = "must be at least 1"))]
    pub max: i64,
    #[serde(with = "crate::types::duration")]
    #[validate(custom(function = "check_window"))]
    pub window: Duration,
}

fn check_window(window: &Duration) -> Result<(), ValidationError> {
    if window.as_secs() >= 1 {
        return Ok(());
    }
    Err(ValidationError::new("short").with_message("must be at least one second".into()))
}

impl LimitRule {
    /// One count of this limit.
    pub(super) fn count(&self, subject: String) -> LimitCount {
        LimitCount { subject, max: self.max, seconds: seconds(self.window) }
    }
}

/// `[sweep]`: how expired rows are deleted.
#[derive(Clone, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct SweepSettings {
    #[serde(with = "crate::types::duration")]
    pub interval: Duration,
    /// Rows in one delete statement.
    #[validate(range(min = 1, max = 10_000, message = "must be from 1 to 10000"))]
    pub batch: u64,
}

pub(super) fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX / 4)
}
