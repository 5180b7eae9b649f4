//! Security events: one line each in the log, under a target of its own.

use crate::types::Caller;

/// The `target` of every security event.
const TARGET: &str = "passport::security";

/// What happened, for whom and from where. Whatever names a person is masked before it gets here.
pub(super) struct SecurityEvent<'a> {
    pub event: &'static str,
    pub outcome: &'static str,
    pub user: Option<i64>,
    /// The masked openid or phone number.
    pub subject: &'a str,
    /// `None` when an operator did it.
    pub caller: Option<&'a Caller>,
}

impl SecurityEvent<'_> {
    /// Logs the event; what should alarm somebody as a warning.
    pub(super) fn record(&self) {
        let Self { event, outcome, user, subject, .. } = *self;
        let address = self.caller.map(|caller| caller.address().to_string()).unwrap_or_else(|| "operator".to_owned());
        let address = address.as_str();
        if matches!(outcome, "ok") {
            tracing::info!(target: TARGET, event, outcome, user, subject, address);
        } else {
            tracing::warn!(target: TARGET, event, outcome, user, subject, address);
        }
    }
}
