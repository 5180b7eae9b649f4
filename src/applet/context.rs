use std::sync::Arc;

use super::settings::Settings;
use crate::account::{Account, SessionPolicy};

/// What the handlers use, cloned into the data of every request.
#[derive(Clone)]
pub struct Context {
    pub(super) account: Account,
    pub(super) settings: Arc<Settings>,
    /// How the sessions of this dialect behave.
    pub(super) policy: SessionPolicy,
}

impl Context {
    pub fn new(account: Account, settings: Settings) -> Self {
        Self { account, policy: settings.session_policy(), settings: Arc::new(settings) }
    }
}
