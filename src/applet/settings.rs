use std::time::Duration;

use serde::Deserialize;
use validator::Validate;

use crate::account::{LimitRule, SessionPolicy, TokenFormat};

/// `[applet]`.
#[derive(Clone, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    pub http_status: HttpStatus,
    /// Whether `wxLogin` returns WeChat's session key, as documented, or an empty text.
    pub expose_session_key: bool,
    #[serde(with = "crate::types::duration")]
    pub token_ttl: Duration,
    #[serde(with = "crate::types::duration")]
    pub refresh_window: Duration,
    #[serde(with = "crate::types::duration")]
    pub session_ttl: Duration,
    #[serde(with = "crate::types::duration")]
    pub reuse_grace: Duration,
    /// After how many failed `wxLogin` or `getPhoneNumber` calls an address has to wait.
    #[validate(nested)]
    pub code_failures: LimitRule,
}

impl Settings {
    /// How the dialect's sessions behave.
    pub fn session_policy(&self) -> SessionPolicy {
        SessionPolicy {
            format: TokenFormat::Jwt,
            token_ttl: self.token_ttl,
            refresh_window: self.refresh_window,
            reuse_grace: self.reuse_grace,
            // Tokens of this dialect are refreshed, never extended.
            extension_step: Duration::ZERO,
            session_ttl: self.session_ttl,
            remember_network: false,
        }
    }
}

/// What the HTTP status of a failure is.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HttpStatus {
    /// The `code` of the envelope.
    Mirror,
    /// 200, for clients whose wrapper looks at the envelope only.
    AlwaysOk,
}
