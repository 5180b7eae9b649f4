//! The schema's history. A migration that has been released is never edited; a new one follows it.

use sea_orm_migration::MigrationTrait;
pub use sea_orm_migration::{MigratorTrait, sea_orm};

mod m0001_accounts;
mod m0002_mall;
mod parts;

pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(m0001_accounts::Migration), Box::new(m0002_mall::Migration)]
    }
}
