//! `passport migrate ...`: what is to be done to the schema, and doing it.

use crate::storage::{Error, MigrationState, Storage};

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum MigrateAction {
    Status,
    Up,
}

/// Does it and returns the state of every migration, one per line.
pub async fn run_migrate_command(storage: &Storage, action: MigrateAction) -> Result<String, Error> {
    if action == MigrateAction::Up {
        storage.migrate().await?;
    }
    let migrations = storage.migrations().await?;
    let line = |(name, state): &(String, MigrationState)| match state {
        MigrationState::Applied => format!("applied  {name}"),
        MigrationState::Pending => format!("pending  {name}"),
        MigrationState::Unknown => format!("unknown  {name}"),
    };
    Ok(migrations.iter().map(line).collect::<Vec<_>>().join("\n"))
}
