//! The response of `wechatAuthorize`: the address of WeChat's consent page for a script, a redirect for a browser.

use poem::{
    FromRequest, IntoResponse, Request, RequestBody, Response,
    http::{StatusCode, header},
};
use poem_openapi::{
    ApiResponse, Object,
    registry::{MetaHeader, MetaResponse, MetaResponses, MetaSchema, Registry},
    types::Example,
};

use super::{dialect::Mall, fields::State, operation::Success, state_cookie::state_cookie};
use crate::{
    account::{Authorization, Error},
    http::{Operation, inline},
};

/// 授权地址
#[derive(Object)]
#[oai(example)]
pub(super) struct WechatAuthorization {
    /// 微信授权页地址,让用户的浏览器打开它
    url: String,
    /// 授权后重定向会带回的state,客户端须比较两者是否相同
    state: String,
    /// 公众号appid
    appid: String,
}

impl Example for WechatAuthorization {
    fn example() -> Self {
        Self {
            url: "https://open.weixin.qq.com/connect/oauth2/authorize?appid=wx0123456789abcdef&redirect_uri=https%3A%2F%2Fmall.example.com%2Fwechat&response_type=code&scope=snsapi_userinfo&state=9f86d081884c7d659a2feaa0c55ad015#wechat_redirect".to_owned(),
            state: State::example().0.as_str().to_owned(),
            appid: "wx0123456789abcdef".to_owned(),
        }
    }
}

pub(super) struct WechatAuthorize;

impl Operation<Mall> for WechatAuthorize {
    const MESSAGE: &'static str = "ok";
    const ERRORS: &'static [Error] =
        &[Error::ReturnAddressUnknown, Error::OfficialMissing, Error::TooManyFailures { retry_after: 300 }];
    const BAD_FIELD: Option<&'static str> = Some("redirect_uri不能为空");
    const HAS_BODY: bool = false;
    type Result = WechatAuthorization;
}

/// Whether the client accepts HTML, as browsers do.
pub(super) struct WantsPage(pub bool);

impl<'a> FromRequest<'a> for WantsPage {
    async fn from_request(request: &'a Request, _body: &mut RequestBody) -> poem::Result<Self> {
        let mut accepted = request.headers().get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
        Ok(Self(accepted.any(|types| types.contains("text/html"))))
    }
}

/// JSON for a script, a redirect with a cookie for a browser.
pub(super) struct Authorized(pub Authorization);

impl IntoResponse for Authorized {
    fn into_response(self) -> Response {
        let Authorization { url, state, appid, browser } = self.0;
        let Some(browser) = browser else {
            return Success::<WechatAuthorize>::new(WechatAuthorization {
                url,
                state: state.as_str().to_owned(),
                appid,
            })
            .into_response();
        };
        // The page that posts the code is served over HTTPS, so the cookie is sent over HTTPS only.
        let cookie = state_cookie(&state, &browser, url.contains("redirect_uri=https"));
        Response::builder()
            .status(StatusCode::FOUND)
            .header(header::LOCATION, url)
            .header(header::SET_COOKIE, cookie.to_string())
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
            schema: inline(MetaSchema::new("string")),
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
