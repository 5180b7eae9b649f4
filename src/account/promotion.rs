//! Who brought whom.

use super::{
    Account, Error,
    race::{Race, Undone},
};

/// How long a chain of promoters may be before it is taken for a circle.
const LONGEST_CHAIN: usize = 1_000;

impl Account {
    /// Records who promoted a user who has no promoter yet: another existing user who may promote, and whom the
    /// user did not bring, not even by way of others. `false` when nothing was recorded.
    pub(super) async fn record_promoter(&self, user: i64, promoter: i64) -> bool {
        let recorded = match self.is_eligible(user, promoter).await {
            // Only now, because all promotions wait for each other.
            Ok(true) => self.win_promotion(user, promoter).await,
            other => other,
        };
        // Whoever logs in is not kept out by who brought them. The error was logged where it arose.
        recorded.unwrap_or(false)
    }

    async fn win_promotion(&self, user: i64, promoter: i64) -> Result<bool, Error> {
        let mut race = Race::default();
        loop {
            match self.try_record_promoter(user, promoter).await {
                Ok(recorded) => return Ok(recorded),
                Err(undone) => race.again(undone)?,
            }
        }
    }

    async fn is_eligible(&self, user: i64, promoter: i64) -> Result<bool, Error> {
        let found = if user == promoter { None } else { self.0.storage.user(promoter).await? };
        Ok(found.is_some_and(|found| found.may_promote && !found.disabled))
    }

    async fn try_record_promoter(&self, user: i64, promoter: i64) -> Result<bool, Undone> {
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
