use migration::{Migrator, MigratorTrait};
use sea_orm::{
    ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, IntoDatabaseExecutor, Statement, TransactionTrait,
};

use super::{Error, Storage, transaction::WRITE};

/// The lock that one instance holds while it migrates. PostgreSQL's belongs to the database and to the transaction, so
/// that it holds behind a pooler as well; MySQL's belongs to the server and to the connection.
const POSTGRES_LOCK: &str = "SELECT pg_advisory_xact_lock(7277816997830721)";
const MYSQL_LOCK: &str = "SELECT GET_LOCK(CONCAT('passport.', MD5(DATABASE())), 3600) AS held";

/// How a migration and this database stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MigrationState {
    Applied,
    Pending,
    /// Applied by a newer version of this service.
    Unknown,
}

impl Storage {
    /// Brings the schema up to date. Of several instances that start at once, one does it and the others wait.
    pub async fn migrate(&self) -> Result<(), Error> {
        let db = Database::connect((*self.for_migrations).clone()).await?;
        let migrated = up(&db).await;
        // This releases the lock. A failure to close does not matter.
        let _ = db.close().await;
        migrated
    }

    /// Every migration, oldest first, those that only a newer version knows at the end. Changes nothing.
    pub async fn migrations(&self) -> Result<Vec<(String, MigrationState)>, Error> {
        let applied = applied(&self.db).await?;
        let known = names();
        let state = |name: &String| match applied.contains(name) {
            true => MigrationState::Applied,
            false => MigrationState::Pending,
        };
        let mut migrations: Vec<_> = known.iter().map(|name| (name.clone(), state(name))).collect();
        let unknown = applied.into_iter().filter(|name| !known.contains(name));
        migrations.extend(unknown.map(|name| (name, MigrationState::Unknown)));
        Ok(migrations)
    }

    /// Whether every migration has been applied.
    pub async fn is_migrated(&self) -> Result<bool, Error> {
        let pending = |(_, state): &(String, MigrationState)| *state == MigrationState::Pending;
        Ok(!self.migrations().await?.iter().any(pending))
    }
}

async fn up(db: &DatabaseConnection) -> Result<(), Error> {
    if db.get_database_backend() == DbBackend::MySql {
        // Every change of the schema commits there; what an interrupted one left is found and skipped.
        let row = db.query_one_raw(Statement::from_string(DbBackend::MySql, MYSQL_LOCK)).await?;
        let held: Option<i64> = row.map(|row| row.try_get("", "held")).transpose()?.flatten();
        if held != Some(1) {
            return Err(Error::Unavailable("another instance has been migrating for an hour".to_owned()));
        }
        return apply(db).await;
    }
    // Elsewhere, what fails halfway has not happened. SQLite's write lock is lock enough.
    let tx = db.begin_with_options(WRITE).await?;
    if db.get_database_backend() == DbBackend::Postgres {
        tx.execute_unprepared(POSTGRES_LOCK).await?;
    }
    apply(&tx).await?;
    Ok(tx.commit().await?)
}

async fn apply<'c, C>(db: &'c C) -> Result<(), Error>
where
    C: ConnectionTrait,
    &'c C: IntoDatabaseExecutor<'c>,
{
    refuse_newer(db).await?;
    Ok(Migrator::up(db, None).await?)
}

async fn refuse_newer<'c, C>(db: &'c C) -> Result<(), Error>
where
    C: ConnectionTrait,
    &'c C: IntoDatabaseExecutor<'c>,
{
    let known = names();
    match applied(db).await?.into_iter().find(|name| !known.contains(name)) {
        Some(name) => Err(Error::Newer(name)),
        None => Ok(()),
    }
}

/// The names of the migrations that this version knows.
fn names() -> Vec<String> {
    Migrator::get_migration_files().iter().map(|migration| migration.name().to_owned()).collect()
}

/// The names of the migrations that the database has seen.
async fn applied<'c, C>(db: &'c C) -> Result<Vec<String>, DbErr>
where
    C: ConnectionTrait,
    &'c C: IntoDatabaseExecutor<'c>,
{
    if !migration::is_begun(db).await? {
        return Ok(vec![]);
    }
    Ok(Migrator::get_migration_models(db).await?.into_iter().map(|row| row.version).collect())
}
