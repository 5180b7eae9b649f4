//! `refreshToken`, `logout` and `checkLogin`.

use poem::web::Data;
use poem_openapi::{Object, OpenApi, param::Query, types::Example};

use super::{
    Tag,
    fields::Token,
    operation::{Operation, Reply, Success},
    user_info::UserInfo,
};
use crate::{
    account::{Account, Error},
    http::{Bearer, Body, BodyFields, From},
};

pub(super) struct SessionApi;

#[derive(Object)]
#[oai(rename = "RefreshTokenRequest", example)]
struct RefreshTokenRequest {
    token: Token,
}

impl BodyFields for RefreshTokenRequest {}

impl Example for RefreshTokenRequest {
    fn example() -> Self {
        Self { token: Token::named("old_token_here") }
    }
}

#[derive(Object)]
#[oai(rename = "LogoutRequest", example)]
struct LogoutRequest {
    token: Token,
}

impl BodyFields for LogoutRequest {}

impl Example for LogoutRequest {
    fn example() -> Self {
        Self { token: Token::example() }
    }
}

pub(super) struct RefreshToken;

impl Operation for RefreshToken {
    const REPLY: &'static str = "RefreshTokenReply";
    const MESSAGE: &'static str = "刷新成功";
    const ERRORS: &'static [Error] = &[Error::TokenInvalid, Error::UserDisabled, Error::UserGone];
    const BAD_REQUEST: Option<&'static str> = Some("请求体不是有效的JSON");
    type Result = String;

    fn example() -> String {
        "eyJhbGciOiJIUzI1NiJ9...".to_owned()
    }
}

pub(super) struct Logout;

impl Operation for Logout {
    const REPLY: &'static str = "LogoutReply";
    const MESSAGE: &'static str = "退出成功";
    const ERRORS: &'static [Error] = &[Error::TokenInvalid, Error::UserDisabled, Error::UserGone];
    const BAD_REQUEST: Option<&'static str> = Some("请求体不是有效的JSON");
    type Result = String;

    fn example() -> String {
        Self::MESSAGE.to_owned()
    }
}

pub(super) struct CheckLogin;

impl Operation for CheckLogin {
    const REPLY: &'static str = "CheckLoginReply";
    const MESSAGE: &'static str = "登录有效";
    const ERRORS: &'static [Error] = &[Error::TokenInvalid, Error::UserDisabled, Error::UserGone];
    const BAD_REQUEST: Option<&'static str> = None;
    type Result = UserInfo;

    fn example() -> UserInfo {
        Example::example()
    }
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
        account: Data<&Account>,
        caller: From,
        bearer: Bearer,
        body: Body<RefreshTokenRequest>,
    ) -> Reply<RefreshToken> {
        let token = account.refresh(&body.0.token.or(bearer), &caller.0).await?;
        Ok(Success(token.expose().to_owned()))
    }

    /// 退出登录
    ///
    /// token随即失效,同一次登录刷新得到的token也一并失效。
    #[oai(path = "/logout", method = "post", operation_id = "logout")]
    async fn logout(
        &self,
        account: Data<&Account>,
        caller: From,
        bearer: Bearer,
        body: Body<LogoutRequest>,
    ) -> Reply<Logout> {
        account.log_out(&body.0.token.or(bearer), &caller.0).await?;
        Ok(Success(Logout::MESSAGE.to_owned()))
    }

    /// 检查登录状态
    ///
    /// token有效时返回用户信息,否则返回401,此时应刷新token或重新登录。
    #[oai(path = "/checkLogin", method = "get", operation_id = "checkLogin")]
    async fn check_login(
        &self,
        account: Data<&Account>,
        bearer: Bearer,
        /// 用户token
        token: Query<Token>,
    ) -> Reply<CheckLogin> {
        Ok(Success(account.check(&token.0.or(bearer)).await?.into()))
    }
}
