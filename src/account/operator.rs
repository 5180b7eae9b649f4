use super::event::SecurityEvent;
use crate::{
    storage::{Error, Storage, User, retry},
    types::Clock,
};

/// What an operator does with one account. It works on the database, beside running services.
#[derive(Clone)]
pub struct Operator {
    storage: Storage,
    clock: Clock,
}

/// A user as an operator sees them.
pub struct Shown {
    pub user: User,
    pub identities: Vec<ShownIdentity>,
    pub live_tokens: u64,
}

pub struct ShownIdentity {
    pub appid: String,
    pub openid: String,
    pub unionid: Option<String>,
}

impl Operator {
    pub fn new(storage: Storage, clock: Clock) -> Self {
        Self { storage, clock }
    }

    /// `None` when there is no such user.
    pub async fn show(&self, id: i64) -> Result<Option<Shown>, Error> {
        let Some(user) = self.storage.user(id).await? else { return Ok(None) };
        let identities = self.storage.identities(id).await?;
        let identities = identities
            .into_iter()
            .map(|identity| ShownIdentity { appid: identity.appid, openid: identity.openid, unionid: identity.unionid })
            .collect();
        let live_tokens = self.storage.live_tokens(id, self.clock.now()).await?;
        Ok(Some(Shown { user, identities, live_tokens }))
    }

    /// Closes the account until it is enabled, and ends every token. `false` when there is no such user.
    pub async fn disable(&self, id: i64) -> Result<bool, Error> {
        retry(|| self.try_disable(id)).await
    }

    async fn try_disable(&self, id: i64) -> Result<bool, Error> {
        let now = self.clock.now();
        let write = self.storage.write().await?;
        if !write.set_disabled(id, Some(now), now).await? {
            return Ok(false);
        }
        write.end_sessions(id, now).await?;
        write.commit().await?;
        Ok(done("disable", id))
    }

    /// Opens a disabled account. Its user has to log in again. `false` when there is no such user.
    pub async fn enable(&self, id: i64) -> Result<bool, Error> {
        retry(|| self.try_enable(id)).await
    }

    async fn try_enable(&self, id: i64) -> Result<bool, Error> {
        let write = self.storage.write().await?;
        if !write.set_disabled(id, None, self.clock.now()).await? {
            return Ok(false);
        }
        write.commit().await?;
        Ok(done("enable", id))
    }

    /// Deletes the account with its identities. `false` when there is no such user.
    pub async fn delete(&self, id: i64) -> Result<bool, Error> {
        retry(|| self.try_delete(id)).await
    }

    async fn try_delete(&self, id: i64) -> Result<bool, Error> {
        let write = self.storage.write().await?;
        if !write.delete_user(id).await? {
            return Ok(false);
        }
        write.commit().await?;
        Ok(done("delete", id))
    }

    /// Ends every token of the user. `false` when there is no such user.
    pub async fn log_out(&self, id: i64) -> Result<bool, Error> {
        retry(|| self.try_log_out(id)).await
    }

    async fn try_log_out(&self, id: i64) -> Result<bool, Error> {
        if self.storage.user(id).await?.is_none() {
            return Ok(false);
        }
        let write = self.storage.write().await?;
        write.end_sessions(id, self.clock.now()).await?;
        write.commit().await?;
        Ok(done("logout", id))
    }
}

fn done(event: &'static str, id: i64) -> bool {
    SecurityEvent { event, outcome: "ok", user: Some(id), subject: "", caller: None }.record();
    true
}
