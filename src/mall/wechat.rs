//! `wechat.auth/login`: login through WeChat's consent page, and login of mini programs.

use poem::web::Data;
use poem_openapi::{Object, OpenApi, param::Query, types::Example};

use super::{
    authorized::{Authorized, WantsPage, WechatAuthorize},
    context::Context,
    dialect::Mall,
    fields::{RedirectUri, Source, State, UserInfoText, WechatCode},
    operation::{Reply, Success},
    profile::Profile,
    state_cookie::StateCookies,
    tag::Tag,
    wechat_profile::wechat_profile,
};
use crate::{
    account::Error,
    http::{Body, Failed, OneOf, Operation, RequestError},
    types::ClientIp,
};

pub(super) struct WechatApi;

#[derive(Object)]
#[oai(rename_all = "camelCase", example)]
struct WechatLoginRequest {
    source: OneOf<Source>,
    code: WechatCode,
    state: Option<State>,
    #[oai(skip_serializing_if_is_none)]
    user_info: Option<UserInfoText>,
}

impl Example for WechatLoginRequest {
    fn example() -> Self {
        Self { source: Example::example(), code: Example::example(), state: Some(Example::example()), user_info: None }
    }
}

struct WechatLogin;

impl Operation<Mall> for WechatLogin {
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
    type Result = Profile;
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
        context: Data<&Context>,
        client: ClientIp,
        WantsPage(is_browser): WantsPage,
        /// 授权后回到的页面
        redirect_uri: Query<Option<RedirectUri>>,
    ) -> Result<Authorized, Failed<Mall, WechatAuthorize>> {
        let redirect_uri = redirect_uri.0.map(|uri| uri.0);
        let authorization = context.account.authorize(redirect_uri.as_deref(), is_browser, &client).await?;
        Ok(Authorized(authorization))
    }

    /// 微信登录
    ///
    /// source为1:公众号授权后,用重定向带回的code和state登录。source为2:微信小程序用wx.login()的code登录。
    /// 第一次登录时自动创建用户;userInfo只用来补全空的资料。
    #[oai(path = "/login", method = "post", operation_id = "wechatLogin")]
    async fn login(
        &self,
        context: Data<&Context>,
        client: ClientIp,
        cookies: StateCookies,
        body: Body<WechatLoginRequest>,
    ) -> Reply<WechatLogin> {
        let WechatLoginRequest { source, code, state, user_info } = body.0;
        let login = match source.0 {
            Source::Official => {
                let missing = || RequestError::BadField("缺少参数state,请重新授权".to_owned());
                let state = state.ok_or_else(missing)?.0;
                let browser = cookies.browser(&state);
                let account = &context.account;
                account.log_in_with_official_account(&code.0, &state, browser, &context.policy, &client).await?
            }
            Source::Mini => {
                let profile = wechat_profile(user_info.map(|text| text.0).as_deref())?;
                context.account.log_in_with_mini_program(&code.0, profile, &context.policy, &client).await?
            }
        };
        Ok(Success::new(context.profile_of(login).await))
    }
}
