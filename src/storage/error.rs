use sea_orm::{DbErr, RuntimeErr, sqlx};
use sqlx::error::{DatabaseError, ErrorKind};

use super::Constraint;

/// What went wrong at the database. The texts are for the log; they never reach a client.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another row has a value that must be unique. Nothing was written.
    #[error("a unique value is taken: {0:?}")]
    Taken(Constraint),
    /// A row that is referred to is gone. Nothing was written.
    #[error("a row that is referred to is gone")]
    ReferenceGone,
    /// The engine aborted this transaction in favour of another. Nothing was written.
    #[error("transactions keep conflicting")]
    Contended,
    /// The database cannot be reached, or cannot take anything now.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// A newer version of this service has changed the schema, by the migration of this name.
    #[error(
        "the database is of a newer version of this program, which has applied the migration {0}: start that version"
    )]
    Newer(String),
    /// Any other failure: a fault of this service or of the schema.
    #[error("the database failed: {0}")]
    Internal(String),
}

impl Error {
    /// Whether another transaction was first, so that a new try sees what that one wrote.
    pub(super) fn is_lost_race(&self) -> bool {
        matches!(self, Self::Taken(_) | Self::ReferenceGone | Self::Contended)
    }
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        match &error {
            DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => Self::Unavailable(error.to_string()),
            DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause)) => from_sqlx(cause),
            _ => Self::Internal(error.to_string()),
        }
    }
}

fn from_sqlx(error: &sqlx::Error) -> Error {
    match error {
        sqlx::Error::Database(database) => {
            let code = database.code().unwrap_or_default();
            match database.kind() {
                ErrorKind::UniqueViolation => Error::Taken(Constraint::broken_by(database.as_ref())),
                ErrorKind::ForeignKeyViolation => Error::ReferenceGone,
                _ if is_contention(&code) => Error::Contended,
                _ if is_unavailable(&code) || is_too_slow(database.as_ref()) => {
                    Error::Unavailable(format!("error {code}"))
                }
                _ => Error::Internal(database.to_string()),
            }
        }
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => Error::Unavailable(error.to_string()),
        _ => Error::Internal(error.to_string()),
    }
}

/// Codes of a transaction that was aborted in favour of another: PostgreSQL serialization failure and deadlock,
/// MySQL deadlock (SQLSTATE 40001 as well).
fn is_contention(code: &str) -> bool {
    matches!(code, "40001" | "40P01" | "1213")
}

/// Whether MySQL or MariaDB gave up waiting for a lock, or stopped a statement that took too long; these have no
/// SQLSTATE of their own.
fn is_too_slow(error: &dyn DatabaseError) -> bool {
    error
        .try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>()
        .is_some_and(|error| matches!(error.number(), 1205 | 1969 | 3024))
}

/// Codes of a database that is there but cannot serve: PostgreSQL classes 08 (connection), 53 (resources), 57 (shut
/// down, or the statement took too long), 55P03 (a lock) and 25006 (read only); SQLite busy, locked, read only, I/O
/// error, full, cannot open, with their extended codes, whose low byte is the plain one.
fn is_unavailable(code: &str) -> bool {
    code.starts_with("08")
        || code.starts_with("53")
        || code.starts_with("57")
        || code == "55P03"
        || code == "25006"
        || (code.len() < 5 && code.parse::<u32>().is_ok_and(|code| matches!(code & 0xff, 5 | 6 | 8 | 10 | 13 | 14)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_locked_or_read_only_database_is_unavailable_rather_than_broken() {
        for code in ["5", "517", "8", "13", "57P01", "57014", "53300", "08006"] {
            assert!(is_unavailable(code), "{code}");
        }
        for code in ["1", "19", "2067", "42601", "23505", "40001"] {
            assert!(!is_unavailable(code), "{code}");
        }
    }
}
