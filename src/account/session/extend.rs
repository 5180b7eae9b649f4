use super::{
    authenticate::Authenticated,
    policy::{Renewal, SessionPolicy},
};
use crate::{
    account::{Account, Error, settings::seconds},
    types::PlainToken,
};

impl Account {
    /// Tells whose token it is, and extends the token and its session where the policy is to extend.
    pub async fn extend_session(&self, token: &PlainToken, policy: &SessionPolicy) -> Result<Authenticated, Error> {
        let authenticated = self.authenticate(token, policy).await?;
        let Renewal::Extend { step } = policy.renewal else { return Ok(authenticated) };
        let Authenticated { session, started_at, token_row, .. } = authenticated;
        let lifetime = policy.lifetime(started_at);
        let validity = lifetime.token(self.0.clock.now());
        // At most one write in `step` for a token.
        if validity.expires_at - authenticated.expires_at < seconds(step) {
            return Ok(authenticated);
        }
        let session_expires_at = lifetime.session_expires_at(&validity);
        let extended = self.0.storage.transaction(|tx| async move {
            if tx.extend_session(session, session_expires_at).await?
                && tx.extend_token(token_row, validity.expires_at).await?
            {
                return Ok(());
            }
            Err(Error::TokenInvalid.into())
        });
        extended.await?;
        Ok(Authenticated { expires_at: validity.expires_at, ..authenticated })
    }
}
