use std::time::Duration;

use serde::Deserialize;
use validator::Validate;

use crate::account::{MemberLimits, TokenRules};

/// `[mall]`.
#[derive(Clone, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// What the pages are told.
    pub title: String,
    pub ctitle: String,
    pub split: i32,
    /// Whether `send_sms` keeps to itself which numbers are members'.
    pub hide_registration: bool,
    #[serde(with = "crate::types::duration")]
    pub token_ttl: Duration,
    #[serde(with = "crate::types::duration")]
    pub session_ttl: Duration,
    /// By how much a token must last longer for `autologin` to write that.
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
            // Tokens of this dialect are extended, never replaced.
            refresh_window: Duration::ZERO,
            reuse_grace: Duration::ZERO,
        }
    }
}
