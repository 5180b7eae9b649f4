//! `wxLogin`.

use poem::web::Data;
use poem_openapi::{Object, OpenApi, types::Example};

use super::{
    context::Context,
    dialect::Applet,
    fields::LoginCode,
    operation::{Reply, Success},
    tag::Tag,
    user_info::UserInfo,
};
use crate::{
    account::{Error, WechatProfile},
    http::{Body, Operation},
    types::ClientIp,
};

pub(super) struct LoginApi;

#[derive(Object)]
struct WxLoginRequest {
    code: LoginCode,
}

/// 登录结果
#[derive(Object)]
#[oai(rename_all = "camelCase")]
pub(super) struct WxLoginResult {
    /// 用户token(JWT),之后的请求都要带上
    token: String,
    user_info: UserInfo,
    /// 用户在本小程序的openid
    openid: String,
    /// 微信会话密钥;服务器可以配置为不返回,此时为空字符串
    session_key: String,
}

impl Example for WxLoginResult {
    fn example() -> Self {
        Self {
            token: "eyJhbGciOiJIUzI1NiJ9...".to_owned(),
            user_info: UserInfo::example(),
            openid: "wx_openid_123".to_owned(),
            session_key: "session_key_123".to_owned(),
        }
    }
}

struct WxLogin;

impl Operation<Applet> for WxLogin {
    const MESSAGE: &'static str = "登录成功";
    const ERRORS: &'static [Error] = &[
        Error::LoginCodeInvalid,
        Error::LoginBlocked,
        Error::UserDisabled,
        Error::TooManyFailures { retry_after: 300 },
        Error::LoginUnavailable,
    ];
    const BAD_FIELD: Option<&'static str> = Some("缺少参数code");
    type Result = WxLoginResult;
}

#[OpenApi(prefix_path = "/applet/login", tag = "Tag::Login")]
impl LoginApi {
    /// 微信登录
    ///
    /// 用wx.login()取得的code登录,返回token和用户信息。第一次登录时自动创建用户。
    /// 同一个code只能用一次;失败时重新调用wx.login()取得新的code再试。
    #[oai(path = "/wxLogin", method = "post", operation_id = "wxLogin")]
    async fn wx_login(&self, context: Data<&Context>, client: ClientIp, body: Body<WxLoginRequest>) -> Reply<WxLogin> {
        let login = context
            .account
            .log_in_with_mini_program(&body.0.code.0, WechatProfile::default(), &context.policy, &client)
            .await?;
        let session_key = login.session_key.filter(|_| context.expose_session_key).unwrap_or_default();
        let openid = login.subject.unwrap_or_default();
        Ok(Success::new(WxLoginResult {
            token: login.token.expose().to_owned(),
            user_info: UserInfo::new(login.user, openid.clone()),
            openid,
            session_key: session_key.expose().to_owned(),
        }))
    }
}
