use std::time::Duration;

use serde::Deserialize;
use validator::{Validate, ValidationError};

use super::credential::PasswordSettings;
use crate::storage::LimitCount;

/// The settings of the core.
#[derive(Clone)]
pub struct Settings {
    /// Failed login and phone codes from one address.
    pub code_failures: LimitRule,
    /// How long a token is kept after it expired: as long as any surface refreshes it.
    pub token_retention: Duration,
    /// Whether sending an SMS code does not tell which numbers are registered.
    pub hide_registration: bool,
    pub limits: LoginLimits,
    pub password: PasswordSettings,
    /// Where WeChat's consent page may return to; the first is the default.
    pub return_urls: Vec<String>,
}

/// How often codes are sent and passwords are tried.
#[derive(Clone, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct LoginLimits {
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

/// At most so many in a span of time.
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
pub struct CleanupSettings {
    #[serde(with = "crate::types::duration")]
    pub interval: Duration,
    /// Rows in one delete statement.
    #[validate(range(min = 1, max = 10_000, message = "must be from 1 to 10000"))]
    pub batch: u64,
}

pub(super) fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX / 4)
}
