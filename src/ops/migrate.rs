use clap::ValueEnum;

use crate::storage::{Error, MigrationState, Storage};

/// What `passport migrate` does.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum MigrateAction {
    /// List the migrations, one per line
    Status,
    /// Apply the pending ones
    Up,
}

/// Runs `passport migrate` and returns the state of every migration, one per line.
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
