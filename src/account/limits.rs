use super::{Account, Error, LimitRule};
use crate::{storage::LimitCount, types::ClientIp};

impl Account {
    /// # Errors
    /// [`Error::TooManyFailures`] while the caller's network has used up its failed code calls.
    pub(super) async fn check_code_failures(&self, caller: &ClientIp) -> Result<(), Error> {
        let now = self.0.clock.now();
        let window = self.0.storage.limit_window(&code_failures(caller), now).await?;
        match window {
            Some(window) if window.count >= self.code_failure_rule().max => {
                Err(Error::TooManyFailures { retry_after: u64::try_from(window.ends_at - now).unwrap_or(1) })
            }
            _ => Ok(()),
        }
    }

    /// Counts a failed code call of the caller's network.
    pub(super) async fn count_code_failure(&self, caller: &ClientIp) -> Result<(), Error> {
        let count = LimitCount { max: i64::MAX, ..self.code_failure_rule().count(code_failures(caller)) };
        self.0.storage.take_limits(&[count], self.0.clock.now()).await?;
        Ok(())
    }

    /// Takes back what turned out not to count. What cannot be taken back is no reason to refuse anybody.
    pub(super) async fn give_back(&self, counts: &[LimitCount]) {
        if let Err(error) = self.0.storage.give_back_limits(counts, self.0.clock.now()).await {
            tracing::warn!(error = error.to_string(), "a count could not be taken back");
        }
    }

    fn code_failure_rule(&self) -> &LimitRule {
        &self.0.settings.applet_code_failures
    }
}

fn code_failures(caller: &ClientIp) -> String {
    format!("code_failures:{}", caller.network())
}
