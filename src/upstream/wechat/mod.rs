//! The client of WeChat's server API, as far as the logins of a mini program and of an official account need it.
//!
//! WeChat says how a call went by an `errcode` in a JSON document, whatever the HTTP status and the content
//! type say; `errmsg` changes from call to call and is never read. Source: the "server API" pages of
//! developers.weixin.qq.com for `jscode2session`, `stable_token` and `getuserphonenumber`, and of "web authorization" for
//! `oauth2/access_token` and `userinfo`.

mod access_token;
mod answer;
mod api;
mod coalesce;
mod error;
mod official;
mod phone;
mod retry;
mod session;
mod settings;

use std::{sync::Arc, time::Duration};

use url::Url;

use crate::types::{Clock, Phone, Random};

use self::{
    access_token::AccessTokens,
    api::Api,
    coalesce::{Coalescer, Share},
};

pub use self::{
    error::WechatError,
    official::OfficialUser,
    session::WechatSession,
    settings::{AppSettings, ClientSettings, Mode, OfficialSettings, Settings},
};
pub use super::http::SetupError;

/// What is kept of the deadline for the rest of the service's own answer: a call to WeChat ends this much
/// earlier than the deadline in the settings.
pub const DEADLINE_MARGIN: Duration = Duration::from_millis(500);

/// A client of one mini program and at most one official account. Clones share its connections, its access token and the calls under way.
#[derive(Clone)]
pub struct WechatClient {
    api: Arc<Api>,
    access_tokens: Arc<AccessTokens>,
    logins: Coalescer<Code, Result<WechatSession, WechatError>>,
    phones: Coalescer<(Code, Option<String>), Result<Phone, WechatError>>,
    visitors: Coalescer<Code, Result<OfficialUser, WechatError>>,
}

/// A one-time code as a key; without `Debug`, so that it cannot be printed.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Code(String);

impl WechatClient {
    /// # Errors
    /// When the address of the API is unusable, or when TLS cannot be set up.
    pub fn new(settings: ClientSettings, clock: Clock, random: Random) -> Result<Self, SetupError> {
        let api = Arc::new(Api::new(settings, random)?);
        Ok(Self {
            access_tokens: Arc::new(AccessTokens::new(api.clone(), clock)),
            api,
            logins: Coalescer::new(),
            phones: Coalescer::new(),
            visitors: Coalescer::new(),
        })
    }

    /// The appid of the mini program, one half of the identity (appid, openid).
    pub fn mini_appid(&self) -> &str {
        self.api.mini_appid()
    }

    /// The appid of the official account, if there is one.
    pub fn official_appid(&self) -> Option<&str> {
        self.api.official_appid()
    }

    /// Joins those who are at work with this login code of `wx.login`: all of them share one call to WeChat.
    pub fn login_code(&self, code: &str) -> LoginCode {
        LoginCode { api: self.api.clone(), share: self.logins.join(Code(code.to_owned())) }
    }

    /// Spends a login code of `wx.login`, for a caller who has nothing else to do with it.
    ///
    /// # Errors
    /// As [`LoginCode::session`].
    pub async fn code_to_session(&self, code: &str) -> Result<WechatSession, WechatError> {
        self.login_code(code).session().await
    }

    /// Joins those who are at work with this code of the `getPhoneNumber` button. With `openid`, WeChat checks that the
    /// code is that user's.
    pub fn phone_code(&self, code: &str, openid: Option<&str>) -> PhoneCode {
        let share = self.phones.join((Code(code.to_owned()), openid.map(str::to_owned)));
        PhoneCode { api: self.api.clone(), access_tokens: self.access_tokens.clone(), share }
    }

    /// Spends a phone code, for a caller who has nothing else to do with it.
    ///
    /// # Errors
    /// As [`PhoneCode::number`].
    pub async fn phone_number(&self, code: &str, openid: Option<&str>) -> Result<Phone, WechatError> {
        self.phone_code(code, openid).number().await
    }

    /// The address of WeChat's page on which a person allows the official account to know them, and which then sends
    /// them to `redirect_uri` with a code and `state`: at most 128 letters and digits. `None` without an official
    /// account.
    pub fn authorize_url(&self, redirect_uri: &str, state: &str) -> Option<Url> {
        self.api.authorize_url(redirect_uri, state)
    }

    /// Spends a code of the OAuth page, and asks for the profile if the person allowed it. Concurrent calls with the
    /// same code share one call to WeChat, which goes on when its first caller leaves.
    ///
    /// # Errors
    /// As [`Self::code_to_session`]; a stand-in for a user is [`WechatError::SnapshotUser`]. Also when the code was
    /// spent and only the profile cannot be had, because the unionid may be in it.
    pub async fn official_user(&self, code: &str) -> Result<OfficialUser, WechatError> {
        let call = || {
            let (api, code) = (self.api.clone(), code.to_owned());
            async move { official::fetch(&api, &code).await }
        };
        self.visitors.join(Code(code.to_owned())).outcome(call).await.unwrap_or(Err(WechatError::Unavailable))
    }
}

/// A login code that somebody is at work with; whoever has the same one meanwhile shares its call.
pub struct LoginCode {
    api: Arc<Api>,
    share: Share<Code, Result<WechatSession, WechatError>>,
}

impl LoginCode {
    /// Spends the code, once for all who share it. The call to WeChat goes on when its first caller leaves.
    ///
    /// # Errors
    /// After at most the deadline less [`DEADLINE_MARGIN`]; everything that is not the code's or the user's
    /// fault is [`WechatError::Unavailable`], and its cause is in the log.
    pub async fn session(&self) -> Result<WechatSession, WechatError> {
        let call = || {
            let (api, code) = (self.api.clone(), self.share.key().0.clone());
            async move { session::fetch(&api, &code).await }
        };
        self.share.outcome(call).await.unwrap_or(Err(WechatError::Unavailable))
    }
}

/// A phone code that somebody is at work with; whoever has the same one meanwhile shares its call.
pub struct PhoneCode {
    api: Arc<Api>,
    access_tokens: Arc<AccessTokens>,
    share: Share<(Code, Option<String>), Result<Phone, WechatError>>,
}

impl PhoneCode {
    /// Spends the code, once for all who share it. The call to WeChat goes on when its first caller leaves.
    ///
    /// # Errors
    /// As [`LoginCode::session`]; a code of another user or of another app is [`WechatError::CodeInvalid`].
    pub async fn number(&self) -> Result<Phone, WechatError> {
        let call = || {
            let (api, access_tokens) = (self.api.clone(), self.access_tokens.clone());
            let (Code(code), openid) = self.share.key().clone();
            async move { phone::fetch(&api, &access_tokens, &code, openid.as_deref()).await }
        };
        self.share.outcome(call).await.unwrap_or(Err(WechatError::Unavailable))
    }
}
