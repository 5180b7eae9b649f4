use std::time::Duration;

use super::format::TokenFormat;
use crate::{account::settings::seconds, storage::Validity, types::Timestamp};

/// How the sessions of one surface behave.
#[derive(Clone, Copy)]
pub struct SessionPolicy {
    pub format: TokenFormat,
    /// How long a token lives.
    pub token_ttl: Duration,
    /// How long after its end a token can still be refreshed.
    pub refresh_window: Duration,
    /// How long after its replacement a token may be refreshed again, because the response was lost.
    pub reuse_grace: Duration,
    /// By how much a token must last longer for that to be written.
    pub extension_step: Duration,
    /// How long after the login the last token of a session ends.
    pub session_ttl: Duration,
    /// Whether a login makes the client's network one that the account is known to use.
    pub remember_network: bool,
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

    /// Until when the session can be of use after its newest token.
    pub(super) fn last_use(&self, newest: &Validity) -> Timestamp {
        (newest.expires_at + seconds(self.policy.refresh_window)).min(self.end())
    }
}
