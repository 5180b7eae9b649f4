//! What migrations are made of, alike on every engine.

use sea_orm_migration::{
    SchemaManager,
    sea_orm::{DatabaseBackend, DbErr},
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

/// A column whose values are compared letter by letter, which MySQL's default collations do not do.
pub(crate) fn exact(backend: DatabaseBackend, mut column: ColumnDef) -> ColumnDef {
    if backend == DatabaseBackend::MySql {
        column.extra("COLLATE utf8mb4_bin");
    }
    column
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
