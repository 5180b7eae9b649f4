use super::policy::SessionPolicy;
use crate::{
    account::Account,
    storage::{Error, NewSession, Transaction},
    types::{IdentityId, PlainToken, Timestamp, UserId},
};

impl Account {
    /// Starts a session with its first token. `identity` is the one that logged in, if one did.
    pub(crate) async fn start_session(
        &self,
        tx: &Transaction,
        user: UserId,
        identity: Option<IdentityId>,
        policy: &SessionPolicy,
        now: Timestamp,
    ) -> Result<PlainToken, Error> {
        let lifetime = policy.lifetime(now);
        let validity = lifetime.token(now);
        let expires_at = lifetime.session_expires_at(&validity);
        let session = tx.insert_session(NewSession { user, identity, started_at: now, expires_at }).await?;
        let (token, issued) = self.0.tokens.issue(policy.format, user, validity);
        tx.insert_token(session, &issued).await?;
        Ok(token)
    }
}
