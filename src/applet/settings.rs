use std::time::Duration;

use serde::Deserialize;
use validator::Validate;

use crate::account::{LimitRule, Renewal, SessionPolicy, TokenFormat};

/// `[applet]`.
#[derive(Clone, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    pub http_status: HttpStatus,
    /// Whether `wxLogin` returns WeChat's session key. If not, `sessionKey` is empty.
    pub expose_session_key: bool,
    #[serde(with = "crate::types::duration")]
    pub token_ttl: Duration,
    #[serde(with = "crate::types::duration")]
    pub refresh_window: Duration,
    #[serde(with = "crate::types::duration")]
    pub session_ttl: Duration,
    #[serde(with = "crate::types::duration")]
    pub reuse_grace: Duration,
    /// The limit on failed `wxLogin` and `getPhoneNumber` calls of an address.
    #[validate(nested)]
    pub code_failures: LimitRule,
}

impl Settings {
    /// How the dialect's sessions behave.
    pub fn session_policy(&self) -> SessionPolicy {
        SessionPolicy {
            format: TokenFormat::Jwt,
            token_ttl: self.token_ttl,
            renewal: Renewal::Refresh { window: self.refresh_window, reuse_grace: self.reuse_grace },
            session_ttl: self.session_ttl,
            remember_network: false,
        }
    }
}

/// The HTTP status of failures.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HttpStatus {
    /// The same as `code` in the envelope.
    Mirror,
    /// 200, for clients that read the envelope only.
    AlwaysOk,
}
