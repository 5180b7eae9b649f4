use super::{Account, Error, User, event::SecurityEvent, jwt::Claims, settings::seconds};
use crate::{
    storage::{self, NewToken, TokenRecord},
    types::{Caller, Secret, TokenId, mask_openid},
};

/// Who a good token belongs to.
pub struct SignedIn {
    pub user: User,
    /// The identity that logged in.
    pub openid: String,
    pub(super) session_id: i64,
}

impl Account {
    /// # Errors
    /// [`Error::TokenInvalid`], [`Error::UserDisabled`], [`Error::UserGone`].
    pub async fn check(&self, token: &Secret) -> Result<SignedIn, Error> {
        let claims = self.0.jwt.verify(token).ok_or(Error::TokenInvalid)?;
        if claims.exp <= self.0.clock.now() {
            return Err(Error::TokenInvalid);
        }
        let (record, user) = self.find(&claims.token_id()).await?;
        if record.replaced_at.is_some() {
            return Err(Error::TokenInvalid);
        }
        Ok(SignedIn { user, openid: record.openid.unwrap_or_default(), session_id: record.session_id })
    }

    /// Ends the session of the token, and so every token that comes from the same login.
    ///
    /// # Errors
    /// As [`Account::check`].
    pub async fn log_out(&self, token: &Secret, caller: &Caller) -> Result<(), Error> {
        let SignedIn { user, openid, session_id } = self.check(token).await?;
        if !self.0.storage.end_session(session_id, self.0.clock.now()).await? {
            return Err(Error::TokenInvalid);
        }
        let subject = mask_openid(&openid);
        SecurityEvent { event: "logout", outcome: "ok", user: Some(user.id), subject: &subject, caller: Some(caller) }
            .record();
        Ok(())
    }

    /// A new token in place of `token`, which ends. A token whose replacement was lost on the way may be
    /// presented again for a short while and is answered with the newest token of its session; later, it is
    /// taken for stolen, and the session ends (RFC 9700, 4.14.2).
    ///
    /// # Errors
    /// As [`Account::check`].
    pub async fn refresh(&self, token: &Secret, caller: &Caller) -> Result<Secret, Error> {
        let rules = &self.0.settings.applet_tokens;
        let now = self.0.clock.now();
        let claims = self.0.jwt.verify(token).ok_or(Error::TokenInvalid)?;
        if now >= claims.exp.saturating_add(seconds(rules.refresh_window)) {
            return Err(Error::TokenInvalid);
        }
        let (record, user) = self.find(&claims.token_id()).await?;
        if now >= rules.session_end(record.session_started_at) {
            return Err(Error::TokenInvalid);
        }
        let subject = mask_openid(record.openid.as_deref().unwrap_or_default());
        let event = |outcome| {
            SecurityEvent { event: "refresh", outcome, user: Some(user.id), subject: &subject, caller: Some(caller) }
                .record();
        };
        if let Some(replaced_at) = record.replaced_at {
            if now - replaced_at > seconds(rules.reuse_grace) {
                self.0.storage.end_session(record.session_id, now).await?;
                event("replaced token reused, session ended");
                return Err(Error::TokenInvalid);
            }
            return self.newest_token(&record).await;
        }
        match storage::retry(|| self.rotate(&record)).await? {
            Some(token) => {
                event("ok");
                Ok(token)
            }
            // Another refresh of the same token was first, or the session ended meanwhile.
            None => self.newest_token(&self.find(&claims.token_id()).await?.0).await,
        }
    }

    /// Replaces the token in one transaction. `None` when it is not there to be replaced any more.
    async fn rotate(&self, record: &TokenRecord) -> Result<Option<Secret>, storage::Error> {
        let rules = &self.0.settings.applet_tokens;
        let now = self.0.clock.now();
        let expires_at = rules.token_end(now, record.session_started_at);
        let id = self.new_token_id();
        let write = self.0.storage.write().await?;
        let last_use = rules.last_use(expires_at, record.session_started_at);
        if !write.extend_session(record.session_id, last_use).await? || !write.replace_token(record.id, now).await? {
            return Ok(None);
        }
        write.insert_token(record.session_id, NewToken { id: &id, issued_at: now, expires_at }).await?;
        write.commit().await?;
        Ok(Some(self.0.jwt.sign(&Claims::new(record.user_id, &id, now, expires_at))))
    }

    /// The newest token of the session, once more.
    async fn newest_token(&self, record: &TokenRecord) -> Result<Secret, Error> {
        match self.0.storage.newest_token(record.session_id).await? {
            Some((id, issued_at, expires_at)) if expires_at > self.0.clock.now() => {
                Ok(self.0.jwt.sign(&Claims::new(record.user_id, &id, issued_at, expires_at)))
            }
            _ => Err(Error::TokenInvalid),
        }
    }

    /// The token's row, in a session that goes on, with a user who may use it.
    pub(super) async fn find(&self, id: &TokenId) -> Result<(TokenRecord, User), Error> {
        let mut record = self.0.storage.token(id).await?.ok_or(Error::TokenInvalid)?;
        let user = record.user.take().ok_or(Error::UserGone)?;
        if user.disabled {
            return Err(Error::UserDisabled);
        }
        if record.session_ended_at.is_some() {
            return Err(Error::TokenInvalid);
        }
        Ok((record, user))
    }
}
