use std::time::Duration;

use super::format::TokenFormat;
use crate::{account::settings::seconds, types::Timestamp};

/// How the sessions of one surface behave.
#[derive(Clone)]
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
    /// When a token that starts `now` ends, in a session that started at `started_at`.
    pub(super) fn token_end(&self, now: Timestamp, started_at: Timestamp) -> Timestamp {
        (now + seconds(self.token_ttl)).min(self.session_end(started_at))
    }

    pub(super) fn session_end(&self, started_at: Timestamp) -> Timestamp {
        started_at + seconds(self.session_ttl)
    }

    /// Until when a session whose newest token ends at `token_end` can be of use.
    pub(super) fn last_use(&self, token_end: Timestamp, started_at: Timestamp) -> Timestamp {
        (token_end + seconds(self.refresh_window)).min(self.session_end(started_at))
    }
}
