//! What operators need: health, logs, a clean end, and commands for accounts.

mod health;
mod log;
mod shutdown;
mod user;

pub use self::{
    health::{healthz, readyz},
    log::{LogFormat, LogSettings, start_logging},
    shutdown::ShutdownSignal,
    user::{UserAction, run_user_command},
};
