//! The login through the official account: the consent page, and the user behind the code that it issues.

use url::Url;

use super::{
    api::Api,
    error::WechatError,
    oauth_token::{ExchangeOAuthCode, OAuthToken},
    user_info::{GetUserInfo, UserInfo},
};
use crate::{types::OauthState, upstream::http::below};

/// A user of the official account. Without the user's permission there is no profile, and unusable values are left out.
#[derive(Clone)]
pub struct OfficialUser {
    /// The user's id within the official account.
    pub openid: String,
    /// The user's id within all apps of one owner; absent when the account is bound to no open platform.
    pub unionid: Option<String>,
    /// 1 to 64 characters, none of them a control character.
    pub nickname: Option<String>,
    /// 0 unknown, 1 male, 2 female.
    pub sex: Option<i32>,
    /// An http(s) address of at most 512 bytes.
    pub avatar: Option<String>,
}

/// Exchanges the code, and fetches the profile if the user allowed it, within one deadline.
pub(super) async fn official_user(api: &Api, code: &str) -> Result<OfficialUser, WechatError> {
    let deadline = api.deadline();
    let token = api.call(&ExchangeOAuthCode { code }, deadline).await?;
    let info = match token.has_profile {
        true => api.call(&GetUserInfo { token: &token }, deadline).await?,
        false => UserInfo::default(),
    };
    let OAuthToken { openid, unionid, .. } = token;
    let UserInfo { nickname, sex, avatar, .. } = info;
    Ok(OfficialUser { openid, unionid: unionid.or(info.unionid), nickname, sex, avatar })
}

/// The address of the consent page. WeChat reads the parameters by their order, and needs the fragment.
pub(super) fn authorize_url(open_base: &Url, appid: &str, redirect_uri: &str, state: &OauthState) -> Url {
    let mut url = below(open_base, "connect/oauth2/authorize");
    url.query_pairs_mut()
        .append_pair("appid", appid)
        .append_pair("redirect_uri", redirect_uri)
        .append_pair("response_type", "code")
        .append_pair("scope", "snsapi_userinfo")
        .append_pair("state", state.as_str());
    url.set_fragment(Some("wechat_redirect"));
    url
}
