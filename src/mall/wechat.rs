//! `wechat.auth/login`: out to WeChat's consent page and back, and the login of a mini program.

use poem::{
    FromRequest, IntoResponse, Request, RequestBody, Response,
    http::{HeaderMap, StatusCode, header},
    web::Data,
};
use poem_openapi::{
    ApiResponse, Object, OpenApi,
    param::Query,
    registry::{MetaHeader, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry},
    types::Example,
};
use serde::Deserialize;

use super::{
    Tag,
    fields::{RedirectUri, Source, State, UserInfoText, WechatCode},
    operation::{Failed, Operation, Reply, Success},
    profile::Profile,
};
use crate::{
    account::{Account, Authorization, Error, STATE_SECONDS, WechatProfile},
    http::{Body, BodyFields, Choice, From, Stray},
    types::Secret,
};

/// How the cookies begin that bind a state to the browser which asked for it; the beginning of the state follows, so
/// that two pages of one browser do not take each other's.
const COOKIE: &str = "passport_state_";

fn cookie_name(state: &str) -> String {
    format!("{COOKIE}{}", state.get(..8).unwrap_or(state))
}

pub(super) struct WechatApi;

/// 授权地址
#[derive(Object)]
#[oai(rename = "WechatAuthorization", example)]
pub(super) struct AuthorizationData {
    /// 微信授权页地址,让用户的浏览器打开它
    url: String,
    /// 授权后重定向会带回的state,客户端须比较两者是否相同
    state: String,
    /// 公众号appid
    appid: String,
}

impl Example for AuthorizationData {
    fn example() -> Self {
        Self {
            url: "https://open.weixin.qq.com/connect/oauth2/authorize?appid=wx0123456789abcdef&redirect_uri=https%3A%2F%2Fmall.example.com%2Fwechat&response_type=code&scope=snsapi_userinfo&state=9f86d081884c7d659a2feaa0c55ad015#wechat_redirect".to_owned(),
            state: State::example().into_string(),
            appid: "wx0123456789abcdef".to_owned(),
        }
    }
}

#[derive(Object)]
#[oai(rename = "WechatLoginRequest", rename_all = "camelCase", example)]
struct WechatLoginRequest {
    source: Choice<Source>,
    code: WechatCode,
    state: Option<State>,
    #[oai(skip_serializing_if_is_none)]
    user_info: Option<UserInfoText>,
}

impl BodyFields for WechatLoginRequest {}

impl Example for WechatLoginRequest {
    fn example() -> Self {
        Self {
            source: Choice(Source::Official),
            code: WechatCode::example(),
            state: Some(State::example()),
            user_info: None,
        }
    }
}

pub(super) struct WechatAuthorize;

impl Operation for WechatAuthorize {
    const REPLY: &'static str = "WechatAuthorizeReply";
    const MESSAGE: &'static str = "ok";
    const ERRORS: &'static [Error] =
        &[Error::ReturnAddressUnknown, Error::OfficialMissing, Error::TooManyFailures { retry_after: 300 }];
    const BAD_FIELD: Option<&'static str> = Some("redirect_uri不能为空");
    const HAS_BODY: bool = false;
    type Data = AuthorizationData;

    fn example() -> AuthorizationData {
        Example::example()
    }
}

pub(super) struct WechatLogin;

impl Operation for WechatLogin {
    const REPLY: &'static str = "WechatLoginReply";
    const MESSAGE: &'static str = "授权成功";
    const ERRORS: &'static [Error] = &[
        Error::LoginCodeInvalid,
        Error::StateInvalid,
        Error::SnapshotUser,
        Error::LoginBlocked,
        Error::UserDisabled,
        Error::TooManyFailures { retry_after: 300 },
        Error::LoginUnavailable,
        Error::OfficialMissing,
    ];
    const BAD_FIELD: Option<&'static str> = Some("source须为1(公众号)或2(微信小程序)");
    type Data = Profile;

    fn example() -> Profile {
        Example::example()
    }
}

#[OpenApi(prefix_path = "/wechat.auth", tag = "Tag::Wechat")]
impl WechatApi {
    /// 公众号授权
    ///
    /// 浏览器(Accept含text/html)被重定向到微信授权页;脚本得到授权页地址和state。
    /// state 10分钟内有效,只能用一次。
    #[oai(path = "/login", method = "get", operation_id = "wechatAuthorize")]
    async fn authorize(
        &self,
        account: Data<&Account>,
        caller: From,
        visitor: Visitor,
        /// 授权后回到的页面
        redirect_uri: Query<Option<RedirectUri>>,
    ) -> Result<Authorized, Failed<WechatAuthorize>> {
        let redirect_uri = redirect_uri.0.as_ref().map(RedirectUri::as_str);
        let authorization = account.authorize(redirect_uri, visitor.is_browser, &caller.0).await?;
        Ok(Authorized(authorization))
    }

    /// 微信登录
    ///
    /// source为1:公众号授权后,用重定向带回的code和state登录。source为2:微信小程序用wx.login()的code登录。
    /// 第一次登录时自动创建用户;userInfo只用来补全空的资料。
    #[oai(path = "/login", method = "post", operation_id = "wechatLogin")]
    async fn login(
        &self,
        account: Data<&Account>,
        caller: From,
        visitor: Visitor,
        body: Body<WechatLoginRequest>,
    ) -> Reply<WechatLogin> {
        let WechatLoginRequest { source, code, state, user_info } = body.0;
        let code = code.as_str();
        let login = match source.0 {
            Source::Official => {
                let state = state.ok_or_else(|| Stray::BadField("缺少参数state,请重新授权".to_owned()))?;
                account.log_in_through_page(code, state.as_str(), visitor.cookie(state.as_str()), &caller.0).await?
            }
            Source::Mini => {
                let profile = user_info.map(|text| wechat_profile(text.as_str())).transpose()?.unwrap_or_default();
                account.log_in_member_with_wechat(code, profile, &caller.0).await?
            }
        };
        Ok(Success::new(login.into()))
    }
}

/// What a mini program says about its user. Values that are of no use are left out.
fn wechat_profile(text: &str) -> Result<WechatProfile, Stray> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct UserInfo {
        nick_name: Option<serde_json::Value>,
        avatar_url: Option<serde_json::Value>,
        gender: Option<serde_json::Value>,
    }
    if text.trim().is_empty() {
        return Ok(WechatProfile::default());
    }
    let info: UserInfo =
        serde_json::from_str(text).map_err(|_| Stray::BadField("userInfo必须是JSON字符串".to_owned()))?;
    let text = |value: Option<serde_json::Value>, usable: fn(&str) -> bool| {
        value.as_ref().and_then(serde_json::Value::as_str).filter(|text| usable(text)).map(str::to_owned)
    };
    Ok(WechatProfile {
        nickname: text(info.nick_name, |name| {
            !name.trim().is_empty() && name.chars().count() <= 32 && !name.chars().any(char::is_control)
        }),
        avatar: text(info.avatar_url, |url| {
            url.len() <= 512
                && !url.chars().any(char::is_control)
                && url::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
        }),
        sex: info.gender.and_then(|gender| gender.as_i64()).and_then(|sex| i16::try_from(sex).ok()),
    })
}

/// Whether a browser asks, and what it brings.
struct Visitor {
    is_browser: bool,
    /// The cookies of ours, by name.
    cookies: Vec<(String, Secret)>,
}

impl Visitor {
    /// What binds that state to this browser.
    fn cookie(&self, state: &str) -> Option<&Secret> {
        let name = cookie_name(state);
        self.cookies.iter().find(|(cookie, _)| *cookie == name).map(|(_, value)| value)
    }
}

impl<'a> FromRequest<'a> for Visitor {
    async fn from_request(request: &'a Request, _body: &mut RequestBody) -> poem::Result<Self> {
        let headers = request.headers();
        let is_browser = values(headers, header::ACCEPT).any(|accept| accept.contains("text/html"));
        let cookies = values(headers, header::COOKIE)
            .flat_map(|cookies| cookies.split(';'))
            .filter_map(|cookie| cookie.trim().split_once('='))
            .filter(|(name, _)| name.starts_with(COOKIE))
            .map(|(name, value)| (name.to_owned(), Secret::new(value)));
        Ok(Self { is_browser, cookies: cookies.collect() })
    }
}

fn values(headers: &HeaderMap, name: header::HeaderName) -> impl Iterator<Item = &str> {
    headers.get_all(name).iter().filter_map(|value| value.to_str().ok())
}

/// A script is told where to go; a browser is sent there, with a cookie.
struct Authorized(Authorization);

impl IntoResponse for Authorized {
    fn into_response(self) -> Response {
        let Authorization { url, state, appid, browser } = self.0;
        let Some(browser) = browser else {
            return Success::<WechatAuthorize>::new(AuthorizationData { url, state, appid }).into_response();
        };
        // A page that was reached over HTTPS sends the cookie back over HTTPS.
        let secure = if url.contains("redirect_uri=https") { "; Secure" } else { "" };
        let cookie = format!(
            "{}={}; Path=/wechat.auth/login; Max-Age={STATE_SECONDS}; HttpOnly; SameSite=Lax{secure}",
            cookie_name(&state),
            browser.expose()
        );
        Response::builder()
            .status(StatusCode::FOUND)
            .header(header::LOCATION, url)
            .header(header::SET_COOKIE, cookie)
            .finish()
    }
}

impl ApiResponse for Authorized {
    fn meta() -> MetaResponses {
        let header = |name: &str, description: &str| MetaHeader {
            name: name.to_owned(),
            description: Some(description.to_owned()),
            required: true,
            deprecated: false,
            schema: MetaSchemaRef::Inline(Box::new(MetaSchema::new("string"))),
        };
        let mut meta = Success::<WechatAuthorize>::meta();
        meta.responses.push(MetaResponse {
            description: "浏览器:重定向到微信授权页",
            status: Some(302),
            status_range: None,
            content: vec![],
            headers: vec![
                header("Location", "微信授权页地址"),
                header("Set-Cookie", "绑定state的Cookie,提交code时须带回"),
            ],
        });
        meta
    }

    fn register(registry: &mut Registry) {
        Success::<WechatAuthorize>::register(registry);
    }
}
