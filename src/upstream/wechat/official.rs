use crate::types::Secret;

use super::{
    answer,
    api::Api,
    error::{Call, WechatError},
    retry::Retry,
};

/// A user as a code of the OAuth page names them. Without the person's permission, and where what they wrote is of no
/// use, there is no profile.
#[derive(Clone)]
pub struct OfficialUser {
    /// The user's name within the official account.
    pub openid: String,
    /// The user's name within all apps of one owner; absent when the account is bound to no open platform.
    pub unionid: Option<String>,
    /// 1 to 64 characters, none of them a control character.
    pub nickname: Option<String>,
    /// 0 unknown, 1 male, 2 female.
    pub sex: Option<i32>,
    /// An http(s) address of at most 512 bytes.
    pub avatar: Option<String>,
}

/// What a code was exchanged for.
pub(super) struct Visit {
    /// It opens this visitor's profile, and nothing else.
    pub(super) access_token: Secret,
    pub(super) openid: String,
    pub(super) unionid: Option<String>,
    pub(super) may_see_profile: bool,
}

#[derive(Default)]
pub(super) struct Profile {
    pub(super) unionid: Option<String>,
    pub(super) nickname: Option<String>,
    pub(super) sex: Option<i32>,
    pub(super) avatar: Option<String>,
}

pub(super) async fn fetch(api: &Api, code: &str) -> Result<OfficialUser, WechatError> {
    api.within_budget(Call::OAuthToken, async {
        let visit = exchange(api, code).await?;
        let profile = if visit.may_see_profile { profile(api, &visit).await? } else { Profile::default() };
        let Visit { openid, unionid, .. } = visit;
        let Profile { unionid: unionid_too, nickname, sex, avatar } = profile;
        Ok(OfficialUser { openid, unionid: unionid.or(unionid_too), nickname, sex, avatar })
    })
    .await
}

async fn exchange(api: &Api, code: &str) -> Result<Visit, WechatError> {
    let mut retry = Retry::new(api.random());
    loop {
        match api.oauth_token(code).await.and_then(|body| answer::visit(&body)) {
            Ok(visit) => return Ok(visit),
            Err(fault) if retry.allows(Call::OAuthToken, &fault).await => {}
            Err(fault) => return Err(fault.report(Call::OAuthToken)),
        }
    }
}

async fn profile(api: &Api, visit: &Visit) -> Result<Profile, WechatError> {
    let mut retry = Retry::new(api.random());
    loop {
        let answer = api.user_info(&visit.access_token, &visit.openid).await;
        match answer.and_then(|body| answer::profile(&body, &visit.openid)) {
            Ok(profile) => return Ok(profile),
            Err(fault) if retry.allows(Call::UserInfo, &fault).await => {}
            Err(fault) => return Err(fault.report(Call::UserInfo)),
        }
    }
}
