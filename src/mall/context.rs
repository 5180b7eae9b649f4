use std::sync::Arc;

use super::settings::Settings;
use crate::account::Account;

/// What the handlers use, cloned into the data of every request.
#[derive(Clone)]
pub struct Context {
    pub(super) account: Account,
    pub(super) settings: Arc<Settings>,
}

impl Context {
    pub fn new(account: Account, settings: Settings) -> Self {
        Self { account, settings: Arc::new(settings) }
    }
}
