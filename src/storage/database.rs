use std::{path::Path, sync::Arc};

use sea_orm::{ConnectOptions, Database, DatabaseConnection};

use super::{Error, Settings, connection};
use crate::types::Random;

/// The database. Reads go to it directly, writes through [`Storage::transaction`]. Cheap to clone.
#[derive(Clone)]
pub struct Storage {
    pub(super) db: DatabaseConnection,
    pub(super) for_migrations: Arc<ConnectOptions>,
    pub(super) random: Random,
}

/// The URL of the embedded database, which is stored in `data_dir`.
pub fn embedded_url(data_dir: &Path) -> String {
    format!("sqlite://{}", data_dir.join("passport.db").display())
}

impl Storage {
    /// Connects to the database at `url`; an embedded one that does not exist is made. `random` spreads repeated
    /// writes over time. Fails when the URL names no known engine or the database cannot be reached.
    pub async fn connect(url: &str, settings: &Settings, random: Random) -> Result<Self, Error> {
        let db = Database::connect(connection::for_requests(url, settings)).await;
        // The library shows a URL that it cannot read, with the password in it.
        let mut db = db.map_err(|error| Error::Unavailable(error.to_string().replace(url, "<the URL>")))?;
        db.set_metric_callback(connection::log_statement);
        Ok(Self { db, for_migrations: Arc::new(connection::for_migrations(url, settings)), random })
    }

    /// Closes the connections once their running statements have ended.
    pub async fn close(self) {
        // The process ends next, so a connection that fails to close does not matter.
        let _ = self.db.close().await;
    }
}
