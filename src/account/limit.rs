use super::{Account, Error, LimitRule};
use crate::{
    storage::{LimitCount, RateLimit},
    types::{ClientIp, Timestamp},
};

impl Account {
    /// Refuses while the client's network has used up its failed code calls.
    pub(super) async fn check_code_failures(&self, client: &ClientIp) -> Result<(), Error> {
        let now = self.0.clock.now();
        let window = self.0.storage.limit_window(&code_failures(client), now).await?;
        match window {
            Some(window) if window.count >= self.code_failure_rule().max => {
                Err(Error::TooManyFailures { retry_after: self.seconds_until(window.ends_at) })
            }
            _ => Ok(()),
        }
    }

    /// Counts a failed code call of the client's network.
    pub(super) async fn count_code_failure(&self, client: &ClientIp) -> Result<(), Error> {
        let count = LimitCount { max: i64::MAX, ..self.code_failure_rule().count(code_failures(client)) };
        self.0.storage.acquire_limits(&[count], self.0.clock.now()).await?;
        Ok(())
    }

    /// Counts one of each, or is refused with the error that `limited` makes of the seconds to wait.
    pub(super) async fn acquire(&self, counts: &[LimitCount], limited: fn(u64) -> Error) -> Result<(), Error> {
        let now = self.0.clock.now();
        match self.0.storage.acquire_limits(counts, now).await? {
            RateLimit::Allowed => Ok(()),
            RateLimit::Limited { until } => Err(limited(self.seconds_until(until))),
        }
    }

    /// Takes back what turned out not to count. If that fails, the caller is served all the same.
    pub(super) async fn refund(&self, counts: &[LimitCount]) {
        if let Err(error) = self.0.storage.refund_limits(counts, self.0.clock.now()).await {
            tracing::warn!(error = error.to_string(), "a count could not be taken back");
        }
    }

    fn seconds_until(&self, time: Timestamp) -> u64 {
        u64::try_from(time - self.0.clock.now()).unwrap_or(1)
    }

    fn code_failure_rule(&self) -> &LimitRule {
        &self.0.settings.code_failures
    }
}

fn code_failures(client: &ClientIp) -> String {
    format!("code_failures:{}", client.network())
}
