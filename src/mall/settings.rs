use std::time::Duration;

use serde::Deserialize;
use validator::Validate;

use crate::account::{MemberLimits, TokenRules};

/// `[mall]`.
#[derive(Clone, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The data of the pages.
    pub title: String,
    pub ctitle: String,
    pub split: i32,
    /// Whether `send_sms` hides which numbers are registered.
    pub hide_registration: bool,
    #[serde(with = "crate::types::duration")]
    pub token_ttl: Duration,
    #[serde(with = "crate::types::duration")]
    pub session_ttl: Duration,
    /// `autologin` writes a new end of the token only if it is later by at least this.
    #[serde(with = "crate::types::duration")]
    pub extension_step: Duration,
    #[validate(nested)]
    pub limits: MemberLimits,
}

impl Settings {
    pub fn token_rules(&self) -> TokenRules {
        TokenRules {
            ttl: self.token_ttl,
            session_ttl: self.session_ttl,
            // Tokens of this dialect are extended, not refreshed.
            refresh_window: Duration::ZERO,
            reuse_grace: Duration::ZERO,
        }
    }
}
