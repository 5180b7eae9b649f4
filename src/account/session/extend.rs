use super::{authenticate::Authenticated, policy::SessionPolicy};
use crate::{
    account::{Account, Error, settings::seconds},
    types::PlainToken,
};

impl Account {
    /// Tells whose token it is, and lets the token and its session last longer.
    pub async fn extend_session(&self, token: &PlainToken, policy: &SessionPolicy) -> Result<Authenticated, Error> {
        let authenticated = self.authenticate(token, policy).await?;
        let Authenticated { session, started_at, token, .. } = authenticated;
        let expires_at = policy.lifetime(started_at).token(self.0.clock.now()).expires_at;
        // At most one write in `extension_step` for a token.
        if expires_at - authenticated.expires_at < seconds(policy.extension_step) {
            return Ok(authenticated);
        }
        let extended = self.0.storage.transaction(|tx| async move {
            if tx.extend_session(session, expires_at).await? && tx.extend_token(token, expires_at).await? {
                return Ok(());
            }
            Err(Error::TokenInvalid.into())
        });
        extended.await?;
        Ok(authenticated)
    }
}
