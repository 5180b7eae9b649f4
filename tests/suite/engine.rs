//! The database engine that the tests run on: the embedded one, or a server on which each test gets a database.

use std::sync::atomic::{AtomicUsize, Ordering};

use sea_orm::{ConnectionTrait, Database, DatabaseConnection};
use tempfile::TempDir;

/// Where an administrator reaches the server, as `postgres://` or `mysql://`; the embedded database when it is not set.
const SERVER: &str = "SUITE_DATABASE_URL";

/// A server database needs a secret that is given.
const SECRET: &str = "the root secret of a test on a server";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
    MariaDb,
}

impl Engine {
    pub fn current() -> Self {
        match server() {
            None => Self::Sqlite,
            Some(url) if url.starts_with("postgres") => Self::Postgres,
            Some(url) if url.starts_with("mysql://") => Self::MariaDb,
            Some(url) => panic!("{SERVER}: {url} names no engine"),
        }
    }
}

/// The folder and the database of one test; dropping it removes both.
pub struct Home {
    pub folder: TempDir,
    /// On a server.
    name: Option<String>,
}

impl Home {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let name = server().map(|_| {
            static COUNT: AtomicUsize = AtomicUsize::new(0);
            let name = format!("test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
            administer(format!("CREATE DATABASE {name}")).expect("a database");
            name
        });
        Self { folder, name }
    }

    /// With the embedded database even when the tests run on a server: for tests of its file and of the generated
    /// secret.
    pub fn embedded() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder"), name: None }
    }

    /// The settings that choose the database: none for the embedded one, which lies in the folder.
    pub fn settings(&self) -> Vec<(String, String)> {
        match &self.name {
            None => vec![],
            Some(_) => vec![
                ("PASSPORT_DATABASE_URL".to_owned(), self.database_url()),
                ("PASSPORT_SECRET_KEY".to_owned(), SECRET.to_owned()),
            ],
        }
    }

    pub fn database_url(&self) -> String {
        match &self.name {
            None => format!("sqlite://{}", self.folder.path().join("data/passport.db").display()),
            Some(name) => {
                let mut url = url::Url::parse(&server().expect("it is set")).expect("a URL");
                url.set_path(name);
                url.into()
            }
        }
    }

    /// A connection beside the service's own.
    pub async fn database(&self) -> DatabaseConnection {
        Database::connect(self.database_url()).await.expect("the database")
    }

    /// The same, to an embedded database also before the service has made it.
    pub async fn new_database(&self) -> DatabaseConnection {
        let url = self.database_url();
        let url = if self.name.is_none() { format!("{url}?mode=rwc") } else { url };
        Database::connect(url).await.expect("the database")
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let Some(name) = &self.name else { return };
        // A connection of the test may still be open.
        let drop = match Engine::current() {
            Engine::Postgres => format!("DROP DATABASE {name} WITH (FORCE)"),
            _ => format!("SET lock_wait_timeout = 1; DROP DATABASE {name}"),
        };
        // A database that cannot be dropped is removed with the server.
        let _ = administer(drop);
    }
}

fn server() -> Option<String> {
    std::env::var(SERVER).ok().filter(|url| !url.is_empty())
}

/// Runs a statement as the administrator, on a thread of its own, because `Drop` is not async.
fn administer(statement: String) -> Result<(), String> {
    let run = async move {
        let url = server().expect("it is set");
        let database = Database::connect(url).await.map_err(|error| error.to_string())?;
        let done = database.execute_unprepared(&statement).await.map_err(|error| error.to_string());
        let _ = database.close().await;
        done.map(|_| ())
    };
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    std::thread::spawn(move || runtime().block_on(run)).join().expect("no panic")
}
