use super::{Account, Error, User};
use crate::{storage::Transaction, types::UserId};

/// How long a chain of promoters may be before it is taken for a circle.
const MAX_CHAIN: usize = 1_000;

impl Account {
    /// Records who promoted a user who has no promoter yet: another existing user who may promote, and whom the
    /// user did not bring, not even by way of others. `false` when nothing was recorded; errors are logged only,
    /// because a login does not depend on this.
    pub async fn record_referral(&self, user: UserId, promoter: UserId) -> bool {
        let recorded = async {
            // The lock, for which all referrals wait, is taken only for one that can succeed.
            if user == promoter || !self.0.storage.user(promoter).await?.is_some_and(|found| can_promote(&found)) {
                return Ok(false);
            }
            Ok::<_, Error>(
                self.0.storage.transaction(|tx| async move { set_promoter(&tx, user, promoter).await }).await?,
            )
        };
        recorded.await.unwrap_or(false)
    }
}

async fn set_promoter(
    tx: &Transaction,
    user: UserId,
    promoter: UserId,
) -> Result<bool, crate::storage::Aborted<Error>> {
    // One at a time, or two users could become each other's promoters at once.
    tx.lock_referrals().await?;
    let Some(found) = tx.promoter(promoter).await?.filter(can_promote) else { return Ok(false) };
    let mut above = found.promoter;
    for _ in 0..MAX_CHAIN {
        match above {
            None => return Ok(tx.set_promoter(user, promoter).await?),
            Some(id) if id == user => return Ok(false),
            Some(id) => above = tx.promoter(id).await?.and_then(|user| user.promoter),
        }
    }
    Ok(false)
}

fn can_promote(user: &User) -> bool {
    user.may_promote && !user.disabled
}
