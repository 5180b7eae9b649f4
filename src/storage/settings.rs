use std::time::Duration;

use serde::Deserialize;
use validator::Validate;

/// `[database]`: the connections.
#[derive(Clone, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// How many connections one instance opens at most; 0 for the engine's default.
    #[validate(range(max = 1000, message = "must be from 0 to 1000"))]
    pub max_connections: u32,
    /// How long a request waits for a connection, and a SQLite writer for the lock.
    #[serde(with = "crate::types::duration")]
    pub acquire_timeout: Duration,
    /// How long a server may take for one statement; zero for no limit. SQLite has no such limit.
    #[serde(with = "crate::types::duration")]
    pub statement_timeout: Duration,
}
