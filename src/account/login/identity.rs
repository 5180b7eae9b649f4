use super::outcome::Login;
use crate::{
    account::{Account, Error, ProfileChange, SessionPolicy, User, audit::AuditEntry},
    storage::{self, Identity, IdentityKey, NewIdentity, NewUser, Provider, Transaction},
    types::{ClientIp, IdentityId, Secret, Timestamp, mask_openid},
    upstream::wechat::WechatError,
};

/// How long the name of a user can be.
pub(super) const MAX_NAME_CHARS: usize = 32;

/// How the default name of a user who registered through WeChat begins; 8 digits follow.
const DEFAULT_NAME: &str = "微信用户";

/// What WeChat, or its user, says about the user. It fills empty fields of the profile and changes no others.
#[derive(Clone, Default)]
pub struct WechatProfile {
    pub nickname: Option<String>,
    pub avatar: Option<String>,
    /// 1 male, 2 female.
    pub sex: Option<i16>,
}

/// A user as WeChat identified them.
pub(super) struct WechatIdentity {
    pub(super) appid: String,
    pub(super) openid: String,
    pub(super) unionid: Option<String>,
    pub(super) session_key: Option<Secret>,
    pub(super) profile: WechatProfile,
}

impl Account {
    /// Maps WeChat's errors to the core's; a refusal counts as a failed call of the client's network.
    pub(super) async fn map_wechat_error<T>(
        &self,
        response: Result<T, WechatError>,
        client: &ClientIp,
    ) -> Result<T, Error> {
        let error = match response {
            Ok(response) => return Ok(response),
            Err(WechatError::CodeInvalid) => Error::LoginCodeInvalid,
            Err(WechatError::UserBlocked) => Error::LoginBlocked,
            Err(WechatError::SnapshotUser) => Error::SnapshotUser,
            // WeChat's own faults say nothing about the client.
            Err(WechatError::Unavailable) => return Err(Error::LoginUnavailable),
        };
        self.count_code_failure(client).await?;
        Err(error)
    }

    /// Finds or creates the identity's user, keeps what WeChat says about them, and starts a session.
    pub(super) async fn log_in_identity(
        &self,
        identity: WechatIdentity,
        policy: &SessionPolicy,
        entry: &AuditEntry<'_>,
    ) -> Result<Login, Error> {
        entry.subject(mask_openid(&identity.openid));
        let WechatIdentity { appid, openid, unionid, session_key, profile } = identity;
        let key = &IdentityKey { provider: Provider::Wechat, app: appid, subject: openid };
        let (unionid, session_key, profile) = (unionid.as_deref(), &session_key, &profile);
        let login = self.0.storage.transaction(|tx| async move {
            let now = self.0.clock.now();
            let (user, identity) = match tx.identity(key).await? {
                Some((identity, user)) => {
                    let id = identity.id;
                    (self.update_identity(&tx, identity, user, (unionid, session_key.as_ref()), now).await?, id)
                }
                None => self.create_identity(&tx, key, (unionid, session_key.as_ref()), now).await?,
            };
            if user.disabled {
                entry.user(user.id);
                return Err(Error::UserDisabled.into());
            }
            let user = fill_profile(&tx, user, profile, now).await?;
            let token = self.start_session(&tx, user.id, Some(identity), policy, now).await?;
            let subject = Some(key.subject.clone());
            Ok(Login { token, user, subject, session_key: session_key.clone() })
        });
        let login: Login = login.await?;
        entry.user(login.user.id);
        Ok(login)
    }

    /// Keeps what WeChat says about a person who has logged in before: their unionid and session key.
    async fn update_identity(
        &self,
        tx: &Transaction,
        identity: Identity,
        mut user: User,
        (unionid, session_key): (Option<&str>, Option<&Secret>),
        now: Timestamp,
    ) -> Result<User, storage::Error> {
        let Identity { id, key, union, session_key: stored } = identity;
        let is_stored =
            |secret: &Secret| stored.as_deref().is_some_and(|stored| self.0.seal.matches(stored, secret, &key));
        let new_key = session_key.filter(|secret| !is_stored(secret));
        let new_unionid = unionid.filter(|new| union.as_deref() != Some(*new));
        if new_key.is_some() || new_unionid.is_some() {
            let sealed = match new_key {
                Some(secret) => Some(self.0.seal.seal(secret, &key, &self.0.random)),
                None => stored,
            };
            tx.update_identity(id, new_unionid.or(union.as_deref()), sealed, now).await?;
        }
        // A unionid of another user is not moved: existing users are never merged.
        if let Some(unionid) = new_unionid
            && user.unionid.is_none()
            && tx.user_by_unionid(unionid).await?.is_none()
        {
            tx.set_unionid(user.id, unionid, now).await?;
            user.unionid = Some(unionid.to_owned());
        }
        Ok(user)
    }

    /// Creates the identity of a person who has never logged in, for the user who has their unionid or else for a new
    /// one.
    async fn create_identity(
        &self,
        tx: &Transaction,
        key: &IdentityKey,
        (unionid, session_key): (Option<&str>, Option<&Secret>),
        now: Timestamp,
    ) -> Result<(User, IdentityId), storage::Error> {
        let known = match unionid {
            Some(unionid) => tx.user_by_unionid(unionid).await?,
            None => None,
        };
        let user = match known {
            Some(user) => user,
            None => {
                let name = format!("{DEFAULT_NAME}{}", self.0.random.digits(8));
                let new = NewUser { name, unionid: unionid.map(str::to_owned), ..NewUser::default() };
                tx.insert_user(new, now).await?
            }
        };
        let session_key = session_key.map(|secret| self.0.seal.seal(secret, key, &self.0.random));
        let identity = tx.insert_identity(user.id, NewIdentity { key, union: unionid, session_key }, now).await?;
        Ok((user, identity))
    }
}

/// Fills what is empty in a profile; set values are kept.
async fn fill_profile(
    tx: &Transaction,
    mut user: User,
    profile: &WechatProfile,
    now: Timestamp,
) -> Result<User, storage::Error> {
    let name = profile.nickname.clone().filter(|_| has_default_name(&user));
    let avatar = profile.avatar.clone().filter(|_| user.avatar.is_none());
    let sex = profile.sex.filter(|sex| user.sex == 0 && matches!(sex, 1 | 2));
    if name.is_none() && avatar.is_none() && sex.is_none() {
        return Ok(user);
    }
    let change = ProfileChange { name, avatar: avatar.map(Some), sex, ..ProfileChange::default() };
    tx.update_profile(user.id, &change, now).await?;
    user.name = change.name.unwrap_or(user.name);
    user.avatar = change.avatar.unwrap_or(user.avatar);
    user.sex = change.sex.unwrap_or(user.sex);
    Ok(user)
}

/// Whether the user has the default name, which the first login or the registration gave.
fn has_default_name(user: &User) -> bool {
    let is_from_wechat = user
        .name
        .strip_prefix(DEFAULT_NAME)
        .is_some_and(|rest| rest.len() == 8 && rest.bytes().all(|byte| byte.is_ascii_digit()));
    is_from_wechat || user.phone.as_ref().is_some_and(|phone| user.name == phone.masked())
}
