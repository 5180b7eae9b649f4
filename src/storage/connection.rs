//! How each engine is connected to.

use std::time::Duration;

use sea_orm::{
    ConnectOptions, metric,
    sqlx::{
        AssertSqlSafe, Connection, Executor,
        sqlite::{SqliteJournalMode, SqliteSynchronous},
    },
};

use super::Settings;

/// Connections of one instance where the settings name no number. SQLite has one writer; a server serves many.
const EMBEDDED_CONNECTIONS: u32 = 4;
const SERVER_CONNECTIONS: u32 = 16;

/// For the requests.
pub(super) fn for_requests(url: &str, settings: &Settings) -> ConnectOptions {
    let connections = match settings.max_connections {
        0 if url.starts_with("sqlite:") => EMBEDDED_CONNECTIONS,
        0 => SERVER_CONNECTIONS,
        number => number,
    };
    let mut options = options(url, settings, Some(settings.statement_timeout).filter(|timeout| !timeout.is_zero()));
    options.max_connections(connections);
    options
}

/// For a change of the schema: one connection, which may hold a lock, and on which a statement may take long.
pub(super) fn for_migrations(url: &str, settings: &Settings) -> ConnectOptions {
    let mut options = options(url, settings, None);
    options.max_connections(1);
    options
}

/// Logs a statement at TRACE: its text, which holds no values, and how it went.
pub(super) fn log_statement(info: &metric::Info<'_>) {
    tracing::trace!(target: "passport::sql", sql = info.statement.sql, failed = info.failed, elapsed = ?info.elapsed);
}

fn options(url: &str, settings: &Settings, statement_timeout: Option<Duration>) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .acquire_timeout(settings.acquire_timeout)
        .connect_timeout(settings.acquire_timeout)
        .sqlx_logging(false)
        // Readers and the writer do not wait for each other in WAL mode, and writers queue up for as long as
        // a request may wait for a connection.
        .map_sqlx_sqlite_opts({
            let busy_timeout = settings.acquire_timeout;
            move |sqlite| {
                sqlite
                    .create_if_missing(true)
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(SqliteSynchronous::Full)
                    .busy_timeout(busy_timeout)
            }
        })
        // When a commit fails because the disk is full, SQLite has rolled back already, and sqlx, whose own
        // rollback then fails, takes the connection to be in a transaction for ever: what is written next on
        // it would be a savepoint within a transaction that is never committed.
        .map_sqlx_sqlite_before_acquire(|connection, _| {
            let is_free = !connection.is_in_transaction();
            Box::pin(std::future::ready(Ok(is_free)))
        })
        .map_sqlx_mysql_pool_opts(move |pool| {
            let session = mysql_session(statement_timeout);
            pool.after_connect(move |connection, _| {
                let session = session.clone();
                Box::pin(async move {
                    connection.execute(AssertSqlSafe(session)).await?;
                    Ok(())
                })
            })
        });
    if let Some(timeout) = statement_timeout {
        options.statement_timeout(timeout);
    }
    options
}

/// What is set at the beginning of a connection to MySQL or MariaDB. At their default isolation level a statement
/// locks the gaps between rows as well, and transactions on different rows conflict. The time limit of a
/// statement has another name on each; MySQL has one for reading statements only, so a lock is waited for no longer.
/// The name of a broken constraint is read from messages in English.
fn mysql_session(statement_timeout: Option<Duration>) -> String {
    let level = "SET SESSION lc_messages = 'en_US'; SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED";
    match statement_timeout {
        None => level.to_owned(),
        Some(timeout) => format!(
            "{level}; SET SESSION innodb_lock_wait_timeout = {} \
             /*M! , SESSION max_statement_time = {} */ /*!50708 , SESSION max_execution_time = {} */",
            timeout.as_secs().max(1),
            timeout.as_secs_f64(),
            timeout.as_millis(),
        ),
    }
}
