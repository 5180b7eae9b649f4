use super::{format::ParsedToken, policy::SessionPolicy};
use crate::{
    account::{Account, Error, User},
    storage::TokenRecord,
    types::{PlainToken, SessionId, Timestamp, TokenId, TokenRowId},
};

/// Whose token it is, and of which session.
pub struct Authenticated {
    pub user: User,
    /// The subject of the identity that logged in: WeChat's openid. `None` for a login by password.
    pub subject: Option<String>,
    pub session: SessionId,
    /// Unix seconds of the login.
    pub started_at: Timestamp,
    /// Unix seconds at which the token ends.
    pub expires_at: Timestamp,
    pub(super) token_row: TokenRowId,
}

impl Account {
    /// Tells whose token it is. A token that is foreign, ended, replaced or expired is [`Error::TokenInvalid`].
    pub async fn authenticate(&self, token: &PlainToken, policy: &SessionPolicy) -> Result<Authenticated, Error> {
        let now = self.0.clock.now();
        let parsed = self.parse_token(token, policy)?;
        if parsed.expires_at.is_some_and(|expires_at| expires_at <= now) {
            return Err(Error::TokenInvalid);
        }
        let (record, user) = self.find_token(&parsed.id).await?;
        if record.replaced_at.is_some() || record.expires_at <= now {
            return Err(Error::TokenInvalid);
        }
        let TokenRecord { id, session, session_started_at, expires_at, subject, .. } = record;
        Ok(Authenticated { user, subject, session, started_at: session_started_at, expires_at, token_row: id })
    }

    pub(super) fn parse_token(&self, token: &PlainToken, policy: &SessionPolicy) -> Result<ParsedToken, Error> {
        self.0.tokens.parse(policy.format, token).ok_or(Error::TokenInvalid)
    }

    /// The token's row, in a session that has not ended, with a user who may use it.
    pub(super) async fn find_token(&self, id: &TokenId) -> Result<(TokenRecord, User), Error> {
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
