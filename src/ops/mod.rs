//! Operation: health, log, shutdown, and the commands for accounts and the schema.

mod health;
mod log;
mod migrate;
mod shutdown;
mod user;

pub use self::{
    health::{healthz, readyz},
    log::{LogFormat, LogSettings, start_logging},
    migrate::{MigrateAction, run_migrate_command},
    shutdown::ShutdownSignal,
    user::{UserAction, run_user_command},
};
