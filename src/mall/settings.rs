use std::time::Duration;

use serde::Deserialize;
use validator::Validate;

use crate::account::{LoginLimits, Renewal, SessionPolicy, TokenFormat};

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
    pub limits: LoginLimits,
}

impl Settings {
    /// How the dialect's sessions behave.
    pub fn session_policy(&self) -> SessionPolicy {
        SessionPolicy {
            format: TokenFormat::Opaque,
            token_ttl: self.token_ttl,
            renewal: Renewal::Extend { step: self.extension_step },
            session_ttl: self.session_ttl,
            remember_network: true,
        }
    }
}
