//! The edge to the database: queries and transactions, and which database error means what. Rules are the
//! account core's.

mod connection;
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

use std::{path::Path, sync::Arc};

use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, DatabaseTransaction, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
};

pub use self::{
    error::Error,
    identities::{Identity, NewIdentity},
    limits::{LimitCount, LimitWindow, Taken},
    oauth_states::NewState,
    schema::MigrationState,
    sessions::{NewSession, NewToken, TokenRecord},
    settings::Settings,
    sms_codes::LiveCode,
    users::{NewUser, ProfileChange, User},
};

/// SQLite's transactions take the write lock at their beginning.
const SQLITE_WRITES_AT_ONCE: Option<SqliteTransactionMode> = Some(SqliteTransactionMode::Immediate);

/// The database, for single statements. Cheap to clone.
#[derive(Clone)]
pub struct Storage {
    db: DatabaseConnection,
    for_migrations: Arc<ConnectOptions>,
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
        let db = Database::connect(connection::for_requests(url, settings)).await;
        // The library shows a URL that it cannot read, with the password in it.
        let mut db = db.map_err(|error| Error::Unavailable(error.to_string().replace(url, "<the URL>")))?;
        db.set_metric_callback(connection::log_statement);
        Ok(Self { db, for_migrations: Arc::new(connection::for_migrations(url, settings)) })
    }

    /// Begins a write transaction. On SQLite it takes the write lock at once, because a transaction that reads
    /// first and writes later is refused when another one wrote in between.
    pub async fn write(&self) -> Result<Write, Error> {
        let options = TransactionOptions { sqlite_transaction_mode: SQLITE_WRITES_AT_ONCE, ..Default::default() };
        Ok(Write { tx: self.db.begin_with_options(options).await? })
    }

    /// Closes the connections after what is running on them.
    pub async fn close(self) {
        // The process ends next; a connection that fails to close has nothing left to lose.
        let _ = self.db.close().await;
    }
}

/// How often work that gave way to another transaction is done again.
const TRIES: usize = 5;

/// Does the work again when it gave way to another transaction: it has written nothing then.
///
/// # Errors
/// [`Error::Conflict`] when that goes on; any other error at once.
pub async fn retry<T, F: Future<Output = Result<T, Error>>>(mut work: impl FnMut() -> F) -> Result<T, Error> {
    for _ in 1..TRIES {
        match work().await {
            Err(Error::Conflict) => {}
            done => return done,
        }
    }
    work().await
}

impl Write {
    pub async fn commit(self) -> Result<(), Error> {
        Ok(self.tx.commit().await?)
    }
}
