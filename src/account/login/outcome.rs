use crate::{
    account::{Account, SessionPolicy, User, settings::seconds},
    storage::{Error, Transaction},
    types::{ClientIp, PlainToken, Secret, Timestamp},
};

/// A login that succeeded.
pub struct Login {
    pub token: PlainToken,
    pub user: User,
    /// The subject of the identity that logged in: WeChat's openid. `None` for a login by password.
    pub subject: Option<String>,
    /// WeChat's session key, for a login by mini program.
    pub session_key: Option<Secret>,
}

impl Account {
    /// Starts the session of a user who proved who they are by password or SMS code.
    pub(super) async fn start_user_session(
        &self,
        tx: &Transaction,
        user: User,
        policy: &SessionPolicy,
        now: Timestamp,
    ) -> Result<Login, Error> {
        let token = self.start_session(tx, user.id, None, policy, now).await?;
        Ok(Login { token, user, subject: None, session_key: None })
    }

    /// Remembers where a user logged in: the account-wide limit of wrong passwords does not apply there for a while.
    /// An error is logged only, because the login succeeded.
    pub(super) async fn remember_network(&self, user: &User, policy: &SessionPolicy, client: &ClientIp) {
        if !policy.remember_network {
            return;
        }
        let until = self.0.clock.now() + seconds(self.0.settings.limits.known_address);
        if let Err(error) = self.0.storage.remember_network(user.id, &client.network(), until).await {
            tracing::warn!(error = error.to_string(), "the network of a login could not be remembered");
        }
    }
}
