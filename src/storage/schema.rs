use migration::{Migrator, MigratorTrait};

use super::{Error, Storage};

impl Storage {
    /// Brings the schema up to date.
    pub async fn migrate(&self) -> Result<(), Error> {
        Ok(Migrator::up(&self.db, None).await?)
    }

    /// Whether every migration has been applied.
    pub async fn is_migrated(&self) -> Result<bool, Error> {
        Ok(Migrator::get_pending_migrations_read_only(&self.db).await?.is_empty())
    }
}
