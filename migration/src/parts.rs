//! What migrations are made of, alike on every engine.

use sea_orm_migration::{
    SchemaManager,
    sea_orm::{ConnectionTrait, DatabaseBackend, DbErr, Statement},
    sea_query::{ColumnDef, Index, Table, TableCreateStatement},
};

/// A table that may already be there, from a start that was interrupted on an engine whose schema changes
/// are not transactional. Text is utf8mb4 on MySQL, whatever the server's default.
pub(crate) fn table(backend: DatabaseBackend, name: &'static str) -> TableCreateStatement {
    let mut table = Table::create().table(name).if_not_exists().take();
    if backend == DatabaseBackend::MySql {
        table.engine("InnoDB").character_set("utf8mb4").collate("utf8mb4_unicode_ci");
    }
    table
}

/// Makes columns whose values are compared letter by letter, spaces at their end included. MySQL's and MariaDB's
/// default collations do not do so, nor does their common `utf8mb4_bin`; the one that does has another name on each.
#[derive(Clone, Copy)]
pub(crate) struct Exact {
    collation: Option<&'static str>,
}

impl Exact {
    pub(crate) async fn of(manager: &SchemaManager<'_>) -> Result<Self, DbErr> {
        let backend = manager.get_database_backend();
        if backend != DatabaseBackend::MySql {
            return Ok(Self { collation: None });
        }
        let version = Statement::from_string(backend, "SELECT VERSION() AS version");
        let row = manager.get_connection().query_one_raw(version).await?;
        let version: Option<String> = row.map(|row| row.try_get("", "version")).transpose()?;
        let is_mariadb = version.is_some_and(|version| version.contains("MariaDB"));
        let collation = if is_mariadb { "COLLATE utf8mb4_nopad_bin" } else { "COLLATE utf8mb4_0900_bin" };
        Ok(Self { collation: Some(collation) })
    }

    pub(crate) fn column(self, mut column: ColumnDef) -> ColumnDef {
        if let Some(collation) = self.collation {
            column.extra(collation);
        }
        column
    }
}

pub(crate) async fn index(
    manager: &SchemaManager<'_>,
    table: &'static str,
    name: &'static str,
    columns: &[&'static str],
    unique: bool,
) -> Result<(), DbErr> {
    if manager.has_index(table, name).await? {
        return Ok(());
    }
    let mut index = Index::create().name(name).table(table).take();
    for column in columns {
        index.col(*column);
    }
    if unique {
        index.unique();
    }
    manager.create_index(index).await
}

/// Adds a column that may already be there.
pub(crate) async fn add_column(
    manager: &SchemaManager<'_>,
    table: &'static str,
    name: &'static str,
    column: ColumnDef,
) -> Result<(), DbErr> {
    if manager.has_column(table, name).await? {
        return Ok(());
    }
    manager.alter_table(Table::alter().table(table).add_column(column).take()).await
}

/// Drops an index that may already be gone.
pub(crate) async fn drop_index(
    manager: &SchemaManager<'_>,
    table: &'static str,
    name: &'static str,
) -> Result<(), DbErr> {
    if !manager.has_index(table, name).await? {
        return Ok(());
    }
    manager.drop_index(Index::drop().table(table).name(name).to_owned()).await
}
