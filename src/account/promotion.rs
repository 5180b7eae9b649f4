//! Who brought whom.

use super::{Account, Error};

/// How long a chain of promoters may be before it is taken for a circle.
const LONGEST_CHAIN: usize = 64;

impl Account {
    /// Records who promoted a user who has no promoter yet: another existing user who may promote, and whom the
    /// user did not bring, not even by way of others. `false` when nothing was recorded.
    pub(super) async fn record_promoter(&self, user: i64, promoter: i64) -> Result<bool, Error> {
        if user == promoter {
            return Ok(false);
        }
        let write = self.0.storage.write().await?;
        // One at a time, or two users could become each other's promoters at once.
        write.lock_promotions().await?;
        let Some(found) = write.user(promoter).await? else { return Ok(false) };
        if !found.may_promote || found.disabled {
            return Ok(false);
        }
        let mut above = found.promoter_id;
        for _ in 0..LONGEST_CHAIN {
            match above {
                None => {
                    let recorded = write.set_promoter(user, promoter).await?;
                    write.commit().await?;
                    return Ok(recorded);
                }
                Some(id) if id == user => return Ok(false),
                Some(id) => above = write.user(id).await?.and_then(|user| user.promoter_id),
            }
        }
        Ok(false)
    }
}
