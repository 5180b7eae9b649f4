use super::policy::{Renewal, SessionPolicy};
use crate::{
    account::{
        Account, Error,
        audit::{AuditEntry, Event, Method, Outcome},
        settings::seconds,
    },
    storage::{Aborted, TokenRecord},
    types::{ClientIp, PlainToken, Timestamp, UserId, mask_openid},
};

impl Account {
    /// A new token in place of `token`, which ends. A token whose replacement was lost on the way may be
    /// presented again for a short while and returns the newest token of its session; later, it is treated as
    /// stolen, and the session ends (RFC 9700, 4.14.2).
    pub async fn refresh_session(
        &self,
        token: &PlainToken,
        policy: &SessionPolicy,
        client: &ClientIp,
    ) -> Result<PlainToken, Error> {
        let now = self.0.clock.now();
        let Renewal::Refresh { window, reuse_grace } = policy.renewal else { return Err(Error::TokenInvalid) };
        let parsed = self.parse_token(token, policy)?;
        let is_too_old = |expires_at: Timestamp| now >= expires_at.saturating_add(seconds(window));
        if parsed.expires_at.is_some_and(is_too_old) {
            return Err(Error::TokenInvalid);
        }
        let (record, user) = self.find_token(&parsed.id).await?;
        if is_too_old(record.expires_at) || now >= policy.lifetime(record.session_started_at).end() {
            return Err(Error::TokenInvalid);
        }
        let entry = AuditEntry::new(Event::Refresh, Method::Token, client);
        entry.user(user.id);
        entry.subject(mask_openid(record.subject.as_deref().unwrap_or_default()));
        if let Some(replaced_at) = record.replaced_at {
            if now - replaced_at > seconds(reuse_grace) {
                self.0.storage.end_session(record.session, now).await?;
                entry.write(Outcome::TokenReused);
                return Err(Error::TokenInvalid);
            }
            return self.newest_token(user.id, &record, policy).await;
        }
        match self.rotate(user.id, &record, policy).await? {
            Some(token) => {
                entry.write(Outcome::Ok);
                Ok(token)
            }
            // Another refresh of the same token was first, or the session ended meanwhile.
            None => self.newest_token(user.id, &self.find_token(&parsed.id).await?.0, policy).await,
        }
    }

    /// Replaces the token in one transaction. `None` when it is not there to be replaced any more.
    async fn rotate(
        &self,
        user: UserId,
        record: &TokenRecord,
        policy: &SessionPolicy,
    ) -> Result<Option<PlainToken>, Error> {
        let rotated = self.0.storage.transaction(|tx| async move {
            let now = self.0.clock.now();
            let lifetime = policy.lifetime(record.session_started_at);
            let validity = lifetime.token(now);
            let expires_at = lifetime.session_expires_at(&validity);
            if !tx.extend_session(record.session, expires_at).await? || !tx.replace_token(record.id, now).await? {
                return Err(Aborted::Refused(()));
            }
            let (token, issued) = self.0.tokens.issue(policy.format, user, validity);
            tx.insert_token(record.session, &issued).await?;
            Ok(token)
        });
        match rotated.await {
            Ok(token) => Ok(Some(token)),
            Err(Aborted::Refused(())) => Ok(None),
            Err(Aborted::Storage(error)) => Err(error.into()),
        }
    }

    /// The newest token of the session, re-issued.
    async fn newest_token(
        &self,
        user: UserId,
        record: &TokenRecord,
        policy: &SessionPolicy,
    ) -> Result<PlainToken, Error> {
        let newest = self.0.storage.newest_token(record.session).await?;
        newest
            .filter(|newest| newest.validity.expires_at > self.0.clock.now())
            .and_then(|newest| self.0.tokens.reissue(policy.format, user, &newest))
            .ok_or(Error::TokenInvalid)
    }
}
