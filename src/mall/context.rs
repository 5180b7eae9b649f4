use std::sync::Arc;

use super::{profile::Profile, settings::Settings};
use crate::{
    account::{Account, Error, Login, SessionPolicy, User},
    types::PlainToken,
};

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

    /// The profile of a user with their token.
    pub(super) async fn profile(&self, user: User, token: &PlainToken) -> Result<Profile, Error> {
        let group_name = self.account.member_group(&user).await?;
        Ok(Profile::new(user, group_name, token))
    }

    /// The profile of a user who has just logged in. The login is committed, so it is answered also when the name of
    /// the group cannot be read; that error is in the log.
    pub(super) async fn profile_of(&self, login: Login) -> Profile {
        let group_name = self.account.member_group(&login.user).await.unwrap_or_default();
        Profile::new(login.user, group_name, &login.token)
    }
}
