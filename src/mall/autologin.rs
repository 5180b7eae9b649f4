//! `autologin`, whose success is the number 1000 and whose failure is the text "-1002".

use poem::web::Data;
use poem_openapi::{Object, OpenApi, param::Header, types::Example};

use super::{
    Tag,
    envelope::Code,
    fields::{AuthToken, SpreadId},
    operation::{Operation, Reply, Success},
    profile::Profile,
};
use crate::{
    account::{Account, Error},
    http::{Body, BodyFields},
    types::Secret,
};

pub(super) struct AutologinApi;

#[derive(Object)]
#[oai(rename = "AutologinRequest", example)]
struct AutologinRequest {
    spread_id: SpreadId,
}

impl BodyFields for AutologinRequest {
    const REQUIRED: bool = false;
}

impl Example for AutologinRequest {
    fn example() -> Self {
        Self { spread_id: SpreadId(Some(2)) }
    }
}

pub(super) struct Autologin;

impl Operation for Autologin {
    const REPLY: &'static str = "AutologinReply";
    const FAILURE: &'static str = "AutologinFailure";
    const CODE: i32 = 1000;
    const FAILURE_CODE: Code = Code::NOT_LOGGED_IN;
    const MESSAGE: &'static str = "ok";
    const ERRORS: &'static [Error] = &[Error::TokenInvalid, Error::UserDisabled, Error::UserGone];
    const BAD_FIELD: Option<&'static str> = None;
    type Data = Profile;

    fn example() -> Profile {
        Example::example()
    }
}

#[OpenApi(prefix_path = "/users", tag = "Tag::Members")]
impl AutologinApi {
    /// 自动登录
    ///
    /// 用请求头Auth-Token里的token取得用户信息,并延长token的有效期。
    /// 成功时code为数字1000;失败时HTTP状态码仍为200,code为字符串"-1002",此时应重新登录。
    #[oai(path = "/autologin", method = "post", operation_id = "autologin")]
    async fn autologin(
        &self,
        account: Data<&Account>,
        /// 登录或注册返回的token
        #[oai(name = "Auth-Token")]
        token: Header<Option<AuthToken>>,
        body: Body<AutologinRequest>,
    ) -> Reply<Autologin> {
        let token = token.0.map_or_else(Secret::default, AuthToken::into_secret);
        let member = account.resume(&token, body.0.spread_id.0).await?;
        Ok(Success::new(Profile::new(member, &token)))
    }
}
