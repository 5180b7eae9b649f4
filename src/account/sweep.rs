use super::{Account, Error, settings::seconds};

impl Account {
    /// Deletes what has expired, at most `batch` rows of each kind. Returns whether there may be more.
    pub async fn sweep(&self, batch: u64) -> Result<bool, Error> {
        let now = self.0.clock.now();
        let storage = &self.0.storage;
        // A token is kept for as long as it can be refreshed, or recognised as reused.
        let tokens = storage.sweep_tokens(now - seconds(self.0.settings.applet_tokens.refresh_window), batch).await?;
        let sessions = storage.sweep_sessions(now, batch).await?;
        let rest = storage.sweep_rest(now, batch).await?;
        Ok(tokens.max(sessions).max(rest) >= batch)
    }
}
