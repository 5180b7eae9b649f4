use super::policy::SessionPolicy;
use crate::{
    account::{
        Account, Error,
        audit::{AuditEntry, Event, Method, Outcome},
    },
    types::{ClientIp, PlainToken, mask_openid},
};

impl Account {
    /// Ends the session of the token, and so every token that comes from the same login.
    pub async fn end_session(
        &self,
        token: &PlainToken,
        policy: &SessionPolicy,
        client: &ClientIp,
    ) -> Result<(), Error> {
        let authenticated = self.authenticate(token, policy).await?;
        if !self.0.storage.end_session(authenticated.session, self.0.clock.now()).await? {
            return Err(Error::TokenInvalid);
        }
        let entry = AuditEntry::new(Event::Logout, Method::Token, client);
        entry.user(authenticated.user.id);
        if let Some(subject) = &authenticated.subject {
            entry.subject(mask_openid(subject));
        }
        entry.write(Outcome::Ok);
        Ok(())
    }
}
