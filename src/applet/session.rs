//! `refreshToken`, `logout` and `checkLogin`.

use poem::web::Data;
use poem_openapi::{Object, OpenApi, param::Query, types::Example};

use super::{
    context::Context,
    dialect::Applet,
    operation::{Reply, Success, TOKEN_ERRORS, TextResult},
    tag::Tag,
    token::{Bearer, Token},
    user_info::UserInfo,
};
use crate::{
    account::Error,
    http::{Body, Field, Operation},
    types::{ClientIp, PlainToken},
};

pub(super) struct SessionApi;

#[derive(Object)]
#[oai(example)]
struct RefreshTokenRequest {
    token: Token,
}

impl Example for RefreshTokenRequest {
    fn example() -> Self {
        Self { token: Field(PlainToken::new("old_token_here")) }
    }
}

struct RefreshToken;

impl Operation<Applet> for RefreshToken {
    const MESSAGE: &'static str = "刷新成功";
    const ERRORS: &'static [Error] = TOKEN_ERRORS;
    type Result = TextResult;

    fn example() -> TextResult {
        TextResult("eyJhbGciOiJIUzI1NiJ9...".to_owned())
    }
}

#[derive(Object)]
struct LogoutRequest {
    token: Token,
}

struct Logout;

impl Operation<Applet> for Logout {
    const MESSAGE: &'static str = "退出成功";
    const ERRORS: &'static [Error] = TOKEN_ERRORS;
    type Result = TextResult;
}

struct CheckLogin;

impl Operation<Applet> for CheckLogin {
    const MESSAGE: &'static str = "登录有效";
    const ERRORS: &'static [Error] = TOKEN_ERRORS;
    const HAS_BODY: bool = false;
    type Result = UserInfo;
}

#[OpenApi(prefix_path = "/applet/login", tag = "Tag::Login")]
impl SessionApi {
    /// 刷新token
    ///
    /// 用原token换取新token,原token随即失效。过期不超过7天的token也可以刷新;登录180天后须重新登录。
    /// 若没有收到响应,10秒内可以用原token重试,得到的是同一次登录最新的token;更晚再用原token,会被视为盗用,该次登录的token全部失效。
    #[oai(path = "/refreshToken", method = "post", operation_id = "refreshToken")]
    async fn refresh_token(
        &self,
        context: Data<&Context>,
        client: ClientIp,
        bearer: Bearer,
        body: Body<RefreshTokenRequest>,
    ) -> Reply<RefreshToken> {
        let token = context.account.refresh_session(&body.0.token.or(bearer), &context.policy, &client).await?;
        Ok(Success::new(TextResult(token.expose().to_owned())))
    }

    /// 退出登录
    ///
    /// token随即失效,同一次登录刷新得到的token也一并失效。
    #[oai(path = "/logout", method = "post", operation_id = "logout")]
    async fn logout(
        &self,
        context: Data<&Context>,
        client: ClientIp,
        bearer: Bearer,
        body: Body<LogoutRequest>,
    ) -> Reply<Logout> {
        context.account.end_session(&body.0.token.or(bearer), &context.policy, &client).await?;
        Ok(Success::done())
    }

    /// 检查登录状态
    ///
    /// token有效时返回用户信息,否则返回401,此时应刷新token或重新登录。
    #[oai(path = "/checkLogin", method = "get", operation_id = "checkLogin")]
    async fn check_login(
        &self,
        context: Data<&Context>,
        bearer: Bearer,
        /// 用户token
        token: Query<Token>,
    ) -> Reply<CheckLogin> {
        Ok(Success::new(context.account.authenticate(&token.0.or(bearer), &context.policy).await?.into()))
    }
}
