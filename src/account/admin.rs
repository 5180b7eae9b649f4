use super::audit::{AuditEntry, Event, Outcome};
use crate::{
    storage::{Aborted, Error, Identity, Storage, Transaction, User},
    types::{Clock, UserId},
};

/// What an administrator does with one account. It works on the database, alongside running services.
#[derive(Clone)]
pub struct Admin {
    storage: Storage,
    clock: Clock,
}

/// A user as an administrator sees them.
pub struct UserDetails {
    pub user: User,
    pub identities: Vec<Identity>,
    pub live_tokens: u64,
}

impl Admin {
    pub fn new(storage: Storage, clock: Clock) -> Self {
        Self { storage, clock }
    }

    /// `None` when there is no such user.
    pub async fn show(&self, id: UserId) -> Result<Option<UserDetails>, Error> {
        let Some(user) = self.storage.user(id).await? else { return Ok(None) };
        let identities = self.storage.identities(id).await?;
        let live_tokens = self.storage.live_tokens(id, self.clock.now()).await?;
        Ok(Some(UserDetails { user, identities, live_tokens }))
    }

    /// Closes the account until it is enabled, and ends every token. `false` when there is no such user.
    pub async fn disable(&self, id: UserId) -> Result<bool, Error> {
        let now = self.clock.now();
        let disable = |tx: Transaction| async move {
            let found = tx.set_disabled(id, Some(now), now).await?;
            tx.end_sessions(id, now).await?;
            Ok(found)
        };
        self.write(Event::Disable, id, disable).await
    }

    /// Opens a disabled account. Its user has to log in again. `false` when there is no such user.
    pub async fn enable(&self, id: UserId) -> Result<bool, Error> {
        let now = self.clock.now();
        self.write(Event::Enable, id, |tx| async move { tx.set_disabled(id, None, now).await }).await
    }

    /// Deletes the account with its identities. `false` when there is no such user.
    pub async fn delete(&self, id: UserId) -> Result<bool, Error> {
        self.write(Event::Delete, id, |tx| async move { tx.delete_user(id).await }).await
    }

    /// Ends every token of the user. `false` when there is no such user.
    pub async fn log_out(&self, id: UserId) -> Result<bool, Error> {
        let now = self.clock.now();
        if self.storage.user(id).await?.is_none() {
            return Ok(false);
        }
        self.write(Event::Logout, id, |tx| async move { tx.end_sessions(id, now).await.map(|_| true) }).await
    }

    /// Runs `work` in a transaction, and records the event when it found the user.
    async fn write<F>(&self, event: Event, id: UserId, work: impl Fn(Transaction) -> F) -> Result<bool, Error>
    where
        F: Future<Output = Result<bool, Error>>,
    {
        let work = &work;
        let done = self.storage.transaction(|tx| async move {
            match work(tx).await? {
                true => Ok(()),
                false => Err(Aborted::Refused(())),
            }
        });
        match done.await {
            Ok(()) => {
                let entry = AuditEntry::by_command(event);
                entry.user(id);
                entry.write(Outcome::Ok);
                Ok(true)
            }
            Err(Aborted::Refused(())) => Ok(false),
            Err(Aborted::Storage(error)) => Err(error),
        }
    }
}
