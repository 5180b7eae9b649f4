use super::{Account, Error, User, event::SecurityEvent, jwt::Claims};
use crate::{
    storage::{self, Identity, NewIdentity, NewSession, NewToken, Write},
    types::{Caller, Secret, Timestamp, TokenId, mask_openid},
    upstream::wechat::{WechatError, WechatSession},
};

/// How often a login that lost a race is tried again before it is given up.
const TRIES: usize = 5;

/// A login through WeChat that succeeded.
pub struct WechatLogin {
    pub token: Secret,
    pub user: User,
    pub openid: String,
    pub session_key: Secret,
}

impl Account {
    /// Logs in whoever the mini program's `wx.login` code stands for; at the first time their account is made.
    ///
    /// # Errors
    /// [`Error::LoginCodeInvalid`], [`Error::LoginBlocked`], [`Error::LoginUnavailable`],
    /// [`Error::UserDisabled`], [`Error::TooManyFailures`].
    pub async fn log_in_with_wechat(&self, code: &str, caller: &Caller) -> Result<WechatLogin, Error> {
        self.check_code_failures(caller).await?;
        let session = match self.0.wechat.code_to_session(code).await {
            Ok(session) => session,
            Err(error) => return Err(self.refuse_login(error, caller).await?),
        };
        let subject = mask_openid(&session.openid);
        let login = self.log_in(session).await;
        let (user, outcome) = match &login {
            Ok(login) => (Some(login.user.id), "ok"),
            Err(Error::UserDisabled) => (None, "disabled"),
            Err(_) => (None, "failed"),
        };
        SecurityEvent { event: "login", outcome, user, subject: &subject, caller: Some(caller) }.record();
        login
    }

    async fn refuse_login(&self, error: WechatError, caller: &Caller) -> Result<Error, Error> {
        let (error, outcome) = match error {
            WechatError::CodeInvalid => (Error::LoginCodeInvalid, "code invalid"),
            WechatError::UserBlocked => (Error::LoginBlocked, "blocked by wechat"),
            WechatError::Unavailable => (Error::LoginUnavailable, "wechat unavailable"),
        };
        SecurityEvent { event: "login", outcome, user: None, subject: "", caller: Some(caller) }.record();
        // WeChat's own faults say nothing about the caller.
        if error != Error::LoginUnavailable {
            self.count_code_failure(caller).await?;
        }
        Ok(error)
    }

    /// The database decides who is first: whoever loses finds, at the next try, what the winner wrote.
    async fn log_in(&self, session: WechatSession) -> Result<WechatLogin, Error> {
        let mut tries = 0;
        loop {
            tries += 1;
            match self.try_log_in(&session).await {
                Err(TryError::LostRace) if tries < TRIES => {}
                Err(TryError::LostRace) => return Err(storage::Error::Conflict.into()),
                Err(TryError::Refused(error)) => return Err(error),
                Ok((token, user)) => {
                    let WechatSession { openid, session_key, .. } = session;
                    return Ok(WechatLogin { token, user, openid, session_key });
                }
            }
        }
    }

    async fn try_log_in(&self, session: &WechatSession) -> Result<(Secret, User), TryError> {
        let core = &*self.0;
        let now = core.clock.now();
        let write = core.storage.write().await?;
        let (user, identity_id) = match write.identity(core.wechat.mini_appid(), &session.openid).await? {
            Some((identity, user)) => {
                let id = identity.id;
                (self.recognise(&write, identity, user, session, now).await?, id)
            }
            None => self.welcome(&write, session, now).await?,
        };
        if user.disabled {
            return Err(TryError::Refused(Error::UserDisabled));
        }
        let token = self.start_session(&write, &user, Some(identity_id), now).await?;
        write.commit().await?;
        Ok((token, user))
    }

    /// Keeps what WeChat says about a person who was here before.
    async fn recognise(
        &self,
        write: &Write,
        identity: Identity,
        mut user: User,
        session: &WechatSession,
        now: Timestamp,
    ) -> Result<User, TryError> {
        let Identity { id, appid, openid, unionid, session_key, .. } = identity;
        let same_key = session_key
            .as_deref()
            .is_some_and(|sealed| self.0.seal.holds(sealed, &session.session_key, &appid, &openid));
        let new_unionid = session.unionid.as_deref().filter(|new| unionid.as_deref() != Some(*new));
        if !same_key || new_unionid.is_some() {
            let sealed = self.0.seal.seal(&session.session_key, &appid, &openid, &self.0.random);
            write.update_identity(id, session.unionid.as_deref().or(unionid.as_deref()), Some(sealed), now).await?;
        }
        // A unionid that another user has stays theirs: users who exist already are never merged.
        if let Some(unionid) = new_unionid
            && user.unionid.is_none()
            && write.user_by_unionid(unionid).await?.is_none()
        {
            write.set_unionid(user.id, unionid, now).await?;
            user.unionid = Some(unionid.to_owned());
        }
        Ok(user)
    }

    /// Makes the identity of a person who was never here, and joins it to the user who has their unionid; only
    /// when there is none, the user is made as well.
    async fn welcome(&self, write: &Write, session: &WechatSession, now: Timestamp) -> Result<(User, i64), TryError> {
        let known = match &session.unionid {
            Some(unionid) => write.user_by_unionid(unionid).await?,
            None => None,
        };
        let user = match known {
            Some(user) => user,
            None => {
                let name = format!("微信用户{}", self.0.random.digits(8));
                write.insert_user(name, session.unionid.clone(), now).await?
            }
        };
        let appid = self.0.wechat.mini_appid();
        let identity = NewIdentity {
            user_id: user.id,
            appid,
            openid: &session.openid,
            unionid: session.unionid.as_deref(),
            session_key: Some(self.0.seal.seal(&session.session_key, appid, &session.openid, &self.0.random)),
        };
        let identity_id = write.insert_identity(identity, now).await?;
        Ok((user, identity_id))
    }

    /// Starts a session of its own for this login, with its first token.
    async fn start_session(
        &self,
        write: &Write,
        user: &User,
        identity_id: Option<i64>,
        now: Timestamp,
    ) -> Result<Secret, TryError> {
        let rules = &self.0.settings.applet_tokens;
        let expires_at = rules.token_end(now, now);
        let session =
            NewSession { user_id: user.id, identity_id, started_at: now, expires_at: rules.last_use(expires_at, now) };
        let session_id = write.insert_session(session).await?;
        let id = self.new_token_id();
        write.insert_token(session_id, NewToken { id: &id, issued_at: now, expires_at }).await?;
        Ok(self.0.jwt.sign(&Claims::new(user.id, &id, now, expires_at)))
    }

    /// A name that nobody can guess: 128 bits.
    pub(super) fn new_token_id(&self) -> TokenId {
        TokenId::new(self.0.random.hex::<16>())
    }
}

enum TryError {
    LostRace,
    Refused(Error),
}

impl From<storage::Error> for TryError {
    fn from(error: storage::Error) -> Self {
        match error {
            storage::Error::Conflict => Self::LostRace,
            other => Self::Refused(other.into()),
        }
    }
}
