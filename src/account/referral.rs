use super::{Account, Error, User};
use crate::{
    storage::{self, Transaction},
    types::UserId,
};

/// How long a chain of promoters may be before it is taken for a circle.
const MAX_CHAIN: usize = 1_000;

impl Account {
    /// Records who referred a user without a referrer: another existing user who may promote, and whom the user did not
    /// refer, not even indirectly. Any other promoter is ignored.
    pub async fn record_referral(&self, user: &User, promoter: UserId) -> Result<(), Error> {
        let storage = &self.0.storage;
        // The lock, for which all referrals wait, is taken only for one that can succeed.
        if user.id == promoter || !storage.user(promoter).await?.is_some_and(|found| can_promote(&found)) {
            return Ok(());
        }
        let recorded = storage.transaction(|tx| async move {
            // One at a time, or two users could become each other's promoters at once.
            tx.lock_referrals().await?;
            if let Some(promoter) = tx.promoter(promoter).await?.filter(can_promote)
                && !was_referred_by(&tx, &promoter, user.id).await?
            {
                tx.set_promoter(user.id, &promoter).await?;
            }
            Ok(())
        });
        Ok(recorded.await?)
    }
}

/// Whether the chain of promoters above a promoter leads to the user, or is too long to tell.
async fn was_referred_by(tx: &Transaction, promoter: &User, user: UserId) -> Result<bool, storage::Error> {
    let mut above = promoter.promoter;
    for _ in 0..MAX_CHAIN {
        match above {
            None => return Ok(false),
            Some(id) if id == user => return Ok(true),
            Some(id) => above = tx.promoter(id).await?.and_then(|user| user.promoter),
        }
    }
    Ok(true)
}

fn can_promote(user: &User) -> bool {
    user.may_promote && !user.disabled
}
