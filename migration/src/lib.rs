//! The schema's history. A migration that has been released is never edited; a new one follows it.

use sea_orm_migration::MigrationTrait;
pub use sea_orm_migration::{MigratorTrait, sea_orm};

use sea_orm_migration::{
    SchemaManager,
    sea_orm::{DbErr, IntoDatabaseExecutor},
};

mod m0001_accounts;
mod m0002_mall;
mod m0003_identities;
mod parts;

pub struct Migrator;

/// Whether the database has been migrated before.
///
/// # Errors
/// When the database does not answer.
pub async fn is_begun<'c>(db: impl IntoDatabaseExecutor<'c>) -> Result<bool, DbErr> {
    SchemaManager::new(db).has_table("seaql_migrations").await
}

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_accounts::Migration),
            Box::new(m0002_mall::Migration),
            Box::new(m0003_identities::Migration),
        ]
    }
}
