use std::time::Duration;

use crate::types::Random;

use super::error::{Call, Fault};

/// The pause before a call is repeated: 100 ms and up to this much more, so that instances that failed
/// together do not return together.
const JITTER_MS: u64 = 200;

/// The one repetition that a call is allowed.
pub(super) struct Retry<'a> {
    random: &'a Random,
    spent: bool,
}

impl<'a> Retry<'a> {
    pub(super) fn new(random: &'a Random) -> Self {
        Self { random, spent: false }
    }

    /// Whether to make the call again after `fault`. If so, the pause has passed.
    pub(super) async fn allows(&mut self, call: Call, fault: &Fault) -> bool {
        if self.spent || !fault.is_safe_to_repeat(call) {
            return false;
        }
        self.spent = true;
        let pause = Duration::from_millis(100 + self.random.below(JITTER_MS + 1));
        tracing::debug!(call = call.name(), fault = %fault, "WeChat is called once more");
        tokio::time::sleep(pause).await;
        true
    }
}
