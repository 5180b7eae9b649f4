use super::{Account, Error, User};
use crate::{
    storage::{self, Transaction},
    types::UserId,
};

/// How long a chain of promoters may be before it is taken for a circle.
const MAX_CHAIN: usize = 1_000;

impl Account {
    /// Records who promoted a user who has no promoter yet: another existing user who may promote, and whom the
    /// user did not bring, not even by way of others. `false` when nothing was recorded; errors are logged only,
    /// because a login does not depend on this.
    pub async fn record_referral(&self, user: &User, promoter: UserId) -> bool {
        self.try_referral(user, promoter).await.unwrap_or(false)
    }

    async fn try_referral(&self, user: &User, promoter: UserId) -> Result<bool, Error> {
        let storage = &self.0.storage;
        // The lock, for which all referrals wait, is taken only for one that can succeed.
        if user.id == promoter || !storage.user(promoter).await?.is_some_and(|found| can_promote(&found)) {
            return Ok(false);
        }
        let recorded = storage.transaction(|tx| async move {
            // One at a time, or two users could become each other's promoters at once.
            tx.lock_referrals().await?;
            match tx.promoter(promoter).await?.filter(can_promote) {
                Some(promoter) if !comes_from(&tx, &promoter, user).await? => {
                    Ok(tx.set_promoter(user.id, &promoter).await?)
                }
                _ => Ok(false),
            }
        });
        Ok(recorded.await?)
    }
}

/// Whether the chain of promoters above a promoter leads to the user, or to nowhere.
async fn comes_from(tx: &Transaction, promoter: &User, user: &User) -> Result<bool, storage::Error> {
    let mut above = promoter.promoter;
    for _ in 0..MAX_CHAIN {
        match above {
            None => return Ok(false),
            Some(id) if id == user.id => return Ok(true),
            Some(id) => above = tx.promoter(id).await?.and_then(|user| user.promoter),
        }
    }
    Ok(true)
}

fn can_promote(user: &User) -> bool {
    user.may_promote && !user.disabled
}
