use super::{
    Account, Error, MemberLogin, User,
    event::SecurityEvent,
    jwt::Claims,
    opaque,
    race::{Race, Undone},
};
use crate::{
    storage::{self, Identity, NewIdentity, NewSession, NewToken, NewUser, Write},
    types::{Caller, Secret, Timestamp, TokenId, mask_openid},
    upstream::wechat::{OfficialUser, WechatError, WechatSession},
};

/// A login through WeChat that succeeded.
pub struct WechatLogin {
    pub token: Secret,
    pub user: User,
    pub openid: String,
    pub session_key: Secret,
}

/// What WeChat, or the person, says about themselves. It fills an empty profile and changes no other.
#[derive(Clone, Default)]
pub struct WechatProfile {
    pub nickname: Option<String>,
    pub avatar: Option<String>,
    /// 1 male, 2 female.
    pub sex: Option<i16>,
}

/// Whose tokens a session has.
#[derive(Clone, Copy)]
pub(super) enum TokenKind {
    Applet,
    Mall,
}

/// A person whom WeChat vouches for.
struct Person {
    appid: String,
    openid: String,
    unionid: Option<String>,
    session_key: Option<Secret>,
    profile: WechatProfile,
}

impl Account {
    /// Logs in whoever the mini program's `wx.login` code stands for; at the first time their account is made.
    ///
    /// # Errors
    /// [`Error::LoginCodeInvalid`], [`Error::LoginBlocked`], [`Error::LoginUnavailable`],
    /// [`Error::UserDisabled`], [`Error::TooManyFailures`].
    pub async fn log_in_with_wechat(&self, code: &str, caller: &Caller) -> Result<WechatLogin, Error> {
        self.check_code_failures(caller).await?;
        let session = self.vouched(self.0.wechat.code_to_session(code).await, caller).await?;
        let (openid, session_key) = (session.openid.clone(), session.session_key.clone());
        let person = self.mini_person(session, WechatProfile::default());
        let (token, user) = self.log_in(&person, TokenKind::Applet, caller).await?;
        Ok(WechatLogin { token, user, openid, session_key })
    }

    /// The same for the mall; `profile` is what the person says about themselves.
    ///
    /// # Errors
    /// As [`Account::log_in_with_wechat`].
    pub async fn log_in_member_with_wechat(
        &self,
        code: &str,
        profile: WechatProfile,
        caller: &Caller,
    ) -> Result<MemberLogin, Error> {
        self.check_code_failures(caller).await?;
        let session = self.vouched(self.0.wechat.code_to_session(code).await, caller).await?;
        let person = self.mini_person(session, profile);
        self.log_in_member(&person, caller).await
    }

    /// Logs in whoever comes back from the official account's consent page.
    ///
    /// # Errors
    /// As [`Account::log_in_with_wechat`]; [`Error::OfficialMissing`], [`Error::SnapshotUser`].
    pub(super) async fn log_in_official(&self, code: &str, caller: &Caller) -> Result<MemberLogin, Error> {
        let appid = self.0.wechat.official_appid().ok_or(Error::OfficialMissing)?.to_owned();
        let OfficialUser { openid, unionid, nickname, sex, avatar } =
            self.vouched(self.0.wechat.official_user(code).await, caller).await?;
        // WeChat's names may be longer than ours.
        let nickname = nickname.map(|name| name.chars().take(LONGEST_NAME).collect());
        let profile = WechatProfile { nickname, avatar, sex: sex.and_then(|sex| i16::try_from(sex).ok()) };
        let person = Person { appid, openid, unionid, session_key: None, profile };
        self.log_in_member(&person, caller).await
    }

    async fn log_in_member(&self, person: &Person, caller: &Caller) -> Result<MemberLogin, Error> {
        let (token, user) = self.log_in(person, TokenKind::Mall, caller).await?;
        self.remember(user.id, caller).await;
        Ok(MemberLogin { token, member: self.member(user).await? })
    }

    fn mini_person(&self, session: WechatSession, profile: WechatProfile) -> Person {
        let WechatSession { openid, unionid, session_key } = session;
        let appid = self.0.wechat.mini_appid().to_owned();
        Person { appid, openid, unionid, session_key: Some(session_key), profile }
    }

    /// What WeChat answered, its refusals counted and recorded.
    async fn vouched<T>(&self, answer: Result<T, WechatError>, caller: &Caller) -> Result<T, Error> {
        let error = match answer {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        let (error, outcome) = match error {
            WechatError::CodeInvalid => (Error::LoginCodeInvalid, "code invalid"),
            WechatError::UserBlocked => (Error::LoginBlocked, "blocked by wechat"),
            WechatError::SnapshotUser => (Error::SnapshotUser, "snapshot user"),
            WechatError::Unavailable => (Error::LoginUnavailable, "wechat unavailable"),
        };
        SecurityEvent { event: "login", outcome, user: None, subject: "", caller: Some(caller) }.record();
        // WeChat's own faults say nothing about the caller.
        if error != Error::LoginUnavailable {
            self.count_code_failure(caller).await?;
        }
        Err(error)
    }

    /// The database decides who is first: whoever loses finds, at the next try, what the winner wrote.
    async fn log_in(&self, person: &Person, kind: TokenKind, caller: &Caller) -> Result<(Secret, User), Error> {
        let mut race = Race::default();
        let login = loop {
            match self.try_log_in(person, kind).await {
                Ok(login) => break Ok(login),
                Err(undone) => match race.again(undone) {
                    Ok(()) => {}
                    Err(error) => break Err(error),
                },
            }
        };
        let (user, outcome) = match &login {
            Ok((_, user)) => (Some(user.id), "ok"),
            Err(Error::UserDisabled) => (None, "disabled"),
            Err(_) => (None, "failed"),
        };
        let subject = mask_openid(&person.openid);
        SecurityEvent { event: "login", outcome, user, subject: &subject, caller: Some(caller) }.record();
        login
    }

    async fn try_log_in(&self, person: &Person, kind: TokenKind) -> Result<(Secret, User), Undone> {
        let core = &*self.0;
        let now = core.clock.now();
        let write = core.storage.write().await?;
        let (user, identity_id) = match write.identity(&person.appid, &person.openid).await? {
            Some((identity, user)) => {
                let id = identity.id;
                (self.recognise(&write, identity, user, person, now).await?, id)
            }
            None => self.welcome(&write, person, now).await?,
        };
        if user.disabled {
            return Err(Undone::Refused(Error::UserDisabled));
        }
        let user = fill(&write, user, &person.profile, now).await?;
        let token = self.start_session(&write, user.id, Some(identity_id), kind, now).await?;
        write.commit().await?;
        Ok((token, user))
    }

    /// Keeps what WeChat says about a person who was here before.
    async fn recognise(
        &self,
        write: &Write,
        identity: Identity,
        mut user: User,
        person: &Person,
        now: Timestamp,
    ) -> Result<User, Undone> {
        let Identity { id, appid, openid, unionid, session_key, .. } = identity;
        let stored = session_key.as_deref();
        let new_key = person
            .session_key
            .as_ref()
            .filter(|key| !stored.is_some_and(|stored| self.0.seal.holds(stored, key, &appid, &openid)));
        let new_unionid = person.unionid.as_deref().filter(|new| unionid.as_deref() != Some(*new));
        if new_key.is_some() || new_unionid.is_some() {
            let sealed = match new_key {
                Some(key) => Some(self.0.seal.seal(key, &appid, &openid, &self.0.random)),
                None => session_key,
            };
            write.update_identity(id, new_unionid.or(unionid.as_deref()), sealed, now).await?;
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
    async fn welcome(&self, write: &Write, person: &Person, now: Timestamp) -> Result<(User, i64), Undone> {
        let known = match &person.unionid {
            Some(unionid) => write.user_by_unionid(unionid).await?,
            None => None,
        };
        let user = match known {
            Some(user) => user,
            None => {
                let new = NewUser {
                    name: format!("{DEFAULT_NAME}{}", self.0.random.digits(8)),
                    phone: None,
                    unionid: person.unionid.clone(),
                    password_hash: None,
                    avatar: None,
                    sex: 0,
                };
                write.insert_user(new, now).await?
            }
        };
        let Person { appid, openid, .. } = person;
        let seal = |key: &Secret| self.0.seal.seal(key, appid, openid, &self.0.random);
        let identity = NewIdentity {
            user_id: user.id,
            appid,
            openid,
            unionid: person.unionid.as_deref(),
            session_key: person.session_key.as_ref().map(seal),
        };
        let identity_id = write.insert_identity(identity, now).await?;
        Ok((user, identity_id))
    }

    /// Starts a session of its own for this login, with its first token.
    pub(super) async fn start_session(
        &self,
        write: &Write,
        user_id: i64,
        identity_id: Option<i64>,
        kind: TokenKind,
        now: Timestamp,
    ) -> Result<Secret, storage::Error> {
        let rules = match kind {
            TokenKind::Applet => &self.0.settings.applet_tokens,
            TokenKind::Mall => &self.0.settings.mall_tokens,
        };
        let expires_at = rules.token_end(now, now);
        let last_use = rules.last_use(expires_at, now);
        let session_id =
            write.insert_session(NewSession { user_id, identity_id, started_at: now, expires_at: last_use }).await?;
        let (token, id) = match kind {
            TokenKind::Applet => {
                let id = self.new_token_id();
                (self.0.jwt.sign(&Claims::new(user_id, &id, now, expires_at)), id)
            }
            TokenKind::Mall => opaque::new_token(&self.0.random),
        };
        write.insert_token(session_id, NewToken { id: &id, issued_at: now, expires_at }).await?;
        Ok(token)
    }

    /// A name that nobody can guess: 128 bits.
    pub(super) fn new_token_id(&self) -> TokenId {
        TokenId::new(self.0.random.hex::<16>())
    }
}

/// How long the name of a user can be, in characters.
const LONGEST_NAME: usize = 32;

/// How the name of a user begins who came through WeChat and chose none; 8 digits follow.
const DEFAULT_NAME: &str = "微信用户";

/// Fills what is empty in a profile; what somebody set stays.
async fn fill(write: &Write, mut user: User, profile: &WechatProfile, now: Timestamp) -> Result<User, Undone> {
    let name = profile.nickname.clone().filter(|_| has_default_name(&user));
    let avatar = profile.avatar.clone().filter(|_| user.avatar.is_none());
    let sex = profile.sex.filter(|sex| user.sex == 0 && matches!(sex, 1 | 2));
    if name.is_none() && avatar.is_none() && sex.is_none() {
        return Ok(user);
    }
    write.fill_profile(user.id, name.as_deref(), avatar.as_deref(), sex, now).await?;
    user.name = name.unwrap_or(user.name);
    user.avatar = avatar.or(user.avatar);
    user.sex = sex.unwrap_or(user.sex);
    Ok(user)
}

/// Whether nobody chose the name: it is the one that the first login, or the registration, gave.
fn has_default_name(user: &User) -> bool {
    let by_wechat = user
        .name
        .strip_prefix(DEFAULT_NAME)
        .is_some_and(|rest| rest.len() == 8 && rest.bytes().all(|byte| byte.is_ascii_digit()));
    by_wechat || user.phone.as_ref().is_some_and(|phone| user.name == phone.masked())
}
