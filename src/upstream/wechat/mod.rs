//! The client of WeChat's server API, as far as logins of a mini program and of an official account need it.
//!
//! Each call has a file of its own, with its request, its response and its errcodes; `Api::call` makes all of them.
//! WeChat reports the outcome of a call as an `errcode` in a JSON document, whatever the HTTP status and the content
//! type are; `errmsg` differs from call to call and is never read. Source: the "server API" pages of
//! developers.weixin.qq.com for `jscode2session`, `stable_token` and `getuserphonenumber`, and "web authorization" for
//! `oauth2/access_token` and `userinfo`.

mod access_token;
mod api;
mod code2session;
mod errcode;
mod error;
mod oauth_token;
mod official;
mod phone;
mod response;
mod settings;
mod singleflight;
mod user_info;

use std::sync::Arc;

use url::Url;

use self::{
    access_token::AccessTokens,
    api::Api,
    code2session::Code2Session,
    phone::GetPhoneNumber,
    singleflight::{Flight, Group},
};
use super::http;
use crate::types::{Clock, OauthState, Phone, Random};

pub use self::{
    code2session::WechatSession,
    error::WechatError,
    official::OfficialUser,
    settings::{AppSettings, ClientSettings, DEADLINE_MARGIN, Mode, OfficialSettings, Settings},
};
pub use super::http::SetupError;

/// A client of one mini program and at most one official account. Clones share its connections, its access token and
/// the calls under way.
#[derive(Clone)]
pub struct WechatClient {
    api: Arc<Api>,
    open_base: Url,
    access_tokens: Arc<AccessTokens>,
    logins: Group<String, Result<WechatSession, WechatError>>,
    phones: Group<(String, Option<String>), Result<Phone, WechatError>>,
    official_logins: Group<String, Result<OfficialUser, WechatError>>,
}

/// A login code in use. All holders of the same code share one call to WeChat.
pub struct LoginCode(Flight<String, Result<WechatSession, WechatError>>);

/// A phone code in use. All holders of the same code share one call to WeChat.
pub struct PhoneCode(Flight<(String, Option<String>), Result<Phone, WechatError>>);

impl WechatClient {
    pub fn new(settings: ClientSettings, clock: Clock, random: Random) -> Result<Self, SetupError> {
        let open_base = settings.open_base.clone();
        if !http::is_base(&open_base) {
            return Err(SetupError("wechat.open_base is http(s)://host[:port][/path]".to_owned()));
        }
        let api = Arc::new(Api::new(settings, random)?);
        Ok(Self {
            access_tokens: Arc::new(AccessTokens::new(api.clone(), clock)),
            api,
            open_base,
            logins: Group::new(),
            phones: Group::new(),
            official_logins: Group::new(),
        })
    }

    /// The appid of the mini program, one half of the identity (appid, openid).
    pub fn mini_appid(&self) -> &str {
        &self.api.mini.appid
    }

    /// The appid of the official account, if there is one.
    pub fn official_appid(&self) -> Option<&str> {
        self.api.official.as_ref().map(|official| official.appid.as_str())
    }

    /// Takes a login code of `wx.login` into use. Nothing is sent until [`LoginCode::session`].
    pub fn login_code(&self, code: &str) -> LoginCode {
        let (api, key, code) = (self.api.clone(), code.to_owned(), code.to_owned());
        LoginCode(self.logins.join(key, async move { api.call(&Code2Session { code: &code }, api.deadline()).await }))
    }

    /// Exchanges a login code, for a caller who has nothing else to do with it.
    pub async fn code_to_session(&self, code: &str) -> Result<WechatSession, WechatError> {
        self.login_code(code).session().await
    }

    /// Takes a code of the `getPhoneNumber` button into use. With `openid`, WeChat checks that the code is that user's.
    /// Nothing is sent until [`PhoneCode::number`].
    pub fn phone_code(&self, code: &str, openid: Option<&str>) -> PhoneCode {
        let (api, access_tokens) = (self.api.clone(), self.access_tokens.clone());
        let (code, openid) = (code.to_owned(), openid.map(str::to_owned));
        let key = (code.clone(), openid.clone());
        let call = async move {
            let (code, openid) = (code.as_str(), openid.as_deref());
            let call = GetPhoneNumber { access_tokens: &access_tokens, appid: &api.mini.appid, code, openid };
            api.call(&call, api.deadline()).await
        };
        PhoneCode(self.phones.join(key, call))
    }

    /// Exchanges a phone code, for a caller who has nothing else to do with it.
    pub async fn phone_number(&self, code: &str, openid: Option<&str>) -> Result<Phone, WechatError> {
        self.phone_code(code, openid).number().await
    }

    /// The address of WeChat's consent page, which sends the user to `redirect_uri` with a code and `state`, at most
    /// 128 letters and digits. `None` without an official account.
    pub fn authorize_url(&self, redirect_uri: &str, state: &OauthState) -> Option<Url> {
        Some(official::authorize_url(&self.open_base, self.official_appid()?, redirect_uri, state))
    }

    /// Exchanges a code of the consent page, and fetches the profile if the user allowed it. Concurrent calls with the
    /// same code share one call to WeChat, which goes on when its first caller leaves. Fails also when the code was
    /// spent and only the profile cannot be fetched, because the unionid may be in it.
    pub async fn official_user(&self, code: &str) -> Result<OfficialUser, WechatError> {
        let (api, key, code) = (self.api.clone(), code.to_owned(), code.to_owned());
        let flight = self.official_logins.join(key, async move { official::official_user(&api, &code).await });
        flight.outcome().await.unwrap_or(Err(WechatError::Unavailable))
    }
}

impl LoginCode {
    /// Spends the code, once for all who share it. The call to WeChat goes on when its first caller leaves, and ends
    /// after at most the deadline less [`DEADLINE_MARGIN`].
    pub async fn session(&self) -> Result<WechatSession, WechatError> {
        self.0.outcome().await.unwrap_or(Err(WechatError::Unavailable))
    }
}

impl PhoneCode {
    /// Spends the code, once for all who share it, as [`LoginCode::session`] does. A code of another user or of
    /// another app is [`WechatError::CodeInvalid`].
    pub async fn number(&self) -> Result<Phone, WechatError> {
        self.0.outcome().await.unwrap_or(Err(WechatError::Unavailable))
    }
}

#[cfg(test)]
mod tests;
