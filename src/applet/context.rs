use super::settings::Settings;
use crate::account::{Account, SessionPolicy};

/// What the handlers use, cloned into the data of every request.
#[derive(Clone)]
pub struct Context {
    pub(super) account: Account,
    /// How the sessions of this dialect behave.
    pub(super) policy: SessionPolicy,
    pub(super) expose_session_key: bool,
}

impl Context {
    pub fn new(account: Account, settings: &Settings) -> Self {
        Self { account, policy: settings.session_policy(), expose_session_key: settings.expose_session_key }
    }
}
