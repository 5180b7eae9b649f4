//! The edge to the database: queries and transactions, and which database error means what. Rules are the
//! account core's.

mod error;
mod identities;
mod known_networks;
mod limits;
mod oauth_states;
mod schema;
mod sessions;
mod settings;
mod sms_codes;
mod sweep;
mod users;

use std::path::Path;

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
    sqlx::{
        Connection,
        sqlite::{SqliteJournalMode, SqliteSynchronous},
    },
};

pub use self::{
    error::Error,
    identities::{Identity, NewIdentity},
    limits::{LimitCount, LimitWindow, Taken},
    oauth_states::NewState,
    sessions::{NewSession, NewToken, TokenRecord},
    settings::Settings,
    sms_codes::LiveCode,
    users::{NewUser, ProfileChange, User},
};

/// The database, for single statements. Cheap to clone.
#[derive(Clone)]
pub struct Storage {
    db: DatabaseConnection,
}

/// A write transaction: all of it happens, or, when it is dropped without [`Write::commit`], nothing.
pub struct Write {
    tx: DatabaseTransaction,
}

/// The URL of the embedded database, which lies in `data_dir`.
pub fn embedded_url(data_dir: &Path) -> String {
    format!("sqlite://{}", data_dir.join("passport.db").display())
}

impl Storage {
    /// Connects to the database at `url`. An embedded database that does not exist is made.
    ///
    /// # Errors
    /// When the URL names no known engine or the database cannot be reached.
    pub async fn connect(url: &str, settings: &Settings) -> Result<Self, Error> {
        let mut options = ConnectOptions::new(url);
        options
            .max_connections(settings.max_connections)
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
            // it would be a savepoint within a transaction that nobody commits.
            .map_sqlx_sqlite_before_acquire(|connection, _| {
                let is_free = !connection.is_in_transaction();
                Box::pin(std::future::ready(Ok(is_free)))
            });
        Ok(Self { db: Database::connect(options).await? })
    }

    /// Begins a write transaction. On SQLite it takes the write lock at once, because a transaction that reads
    /// first and writes later is refused when another one wrote in between.
    pub async fn write(&self) -> Result<Write, Error> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..Default::default()
        };
        Ok(Write { tx: self.db.begin_with_options(options).await? })
    }

    /// # Errors
    /// When the database does not answer.
    pub async fn ping(&self) -> Result<(), Error> {
        self.db.execute_unprepared("SELECT 1").await?;
        Ok(())
    }

    /// Closes the connections after what is running on them.
    pub async fn close(self) {
        // The process ends next; a connection that fails to close has nothing left to lose.
        let _ = self.db.close().await;
    }
}

impl Write {
    pub async fn commit(self) -> Result<(), Error> {
        Ok(self.tx.commit().await?)
    }
}
