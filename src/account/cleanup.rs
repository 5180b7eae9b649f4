use super::{Account, Error, settings::seconds};
use crate::storage::Expired;

impl Account {
    /// Deletes what has expired, at most `batch` rows of each kind. Returns whether there may be more.
    pub async fn clean_up(&self, batch: u64) -> Result<bool, Error> {
        let now = self.0.clock.now();
        let mut most = 0;
        for (kind, before) in [
            // A token is kept for as long as it can be refreshed, or recognised as reused.
            (Expired::Tokens, now - seconds(self.0.settings.token_retention)),
            (Expired::Sessions, now),
            (Expired::Limits, now),
            (Expired::SmsCodes, now),
            (Expired::OauthStates, now),
            (Expired::KnownNetworks, now),
        ] {
            most = most.max(self.0.storage.delete_expired(kind, before, batch).await?);
        }
        Ok(most >= batch)
    }
}
