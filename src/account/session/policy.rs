use std::time::Duration;

use super::format::TokenFormat;
use crate::{account::settings::seconds, storage::Validity, types::Timestamp};

/// How the sessions of one surface behave. Two surfaces with the same format accept each other's tokens.
#[derive(Clone, Copy)]
pub struct SessionPolicy {
    pub format: TokenFormat,
    /// How long a token lives.
    pub token_ttl: Duration,
    pub renewal: Renewal,
    /// How long after the login the last token of a session ends.
    pub session_ttl: Duration,
    /// Whether a login makes the client's network one that the account is known to use.
    pub remember_network: bool,
}

/// How a session outlives its first token.
#[derive(Clone, Copy)]
pub enum Renewal {
    /// A token is replaced by another.
    Refresh {
        /// How long after its end a token can still be refreshed.
        window: Duration,
        /// How long after its replacement a token may be refreshed again, because the response was lost.
        reuse_grace: Duration,
    },
    /// The token itself lasts longer, which only an opaque one can.
    Extend {
        /// By how much a token must last longer for that to be written.
        step: Duration,
    },
}

impl SessionPolicy {
    /// The times of a session that started at `started_at`.
    pub(super) fn lifetime(&self, started_at: Timestamp) -> Lifetime<'_> {
        Lifetime { policy: self, started_at }
    }
}

/// When a session and its tokens end.
pub(super) struct Lifetime<'a> {
    policy: &'a SessionPolicy,
    started_at: Timestamp,
}

impl Lifetime<'_> {
    /// When a token that starts `now` ends.
    pub(super) fn token(&self, now: Timestamp) -> Validity {
        let expires_at = (now + seconds(self.policy.token_ttl)).min(self.end());
        Validity { issued_at: now, expires_at }
    }

    pub(super) fn end(&self) -> Timestamp {
        self.started_at + seconds(self.policy.session_ttl)
    }

    /// When the session ends if its newest token is neither replaced nor extended.
    pub(super) fn session_expires_at(&self, newest: &Validity) -> Timestamp {
        let window = match self.policy.renewal {
            Renewal::Refresh { window, .. } => seconds(window),
            Renewal::Extend { .. } => 0,
        };
        (newest.expires_at + window).min(self.end())
    }
}
