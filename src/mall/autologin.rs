//! `autologin`. Its success code is the number 1000, its failure code the text "-1002".

use poem::web::Data;
use poem_openapi::{Object, OpenApi, param::Header};

use super::{
    context::Context,
    dialect::{Codes, Mall},
    fields::{AuthToken, SpreadId},
    operation::{Reply, Success, TOKEN_ERRORS},
    profile::Profile,
    tag::Tag,
};
use crate::{
    account::Error,
    http::{Body, Operation},
};

pub(super) struct AutologinApi;

#[derive(Object)]
struct AutologinRequest {
    spread_id: SpreadId,
}

struct Autologin;

impl Operation<Mall> for Autologin {
    const MESSAGE: &'static str = "ok";
    const ERRORS: &'static [Error] = TOKEN_ERRORS;
    const CODES: Codes = Codes::not_logged_in(1000, "AutologinFailure");
    type Result = Profile;
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
        context: Data<&Context>,
        /// 登录或注册返回的token
        #[oai(name = "Auth-Token")]
        token: Header<Option<AuthToken>>,
        body: Body<Option<AutologinRequest>>,
    ) -> Reply<Autologin> {
        let token = token.0.map(|token| token.0).unwrap_or_default();
        let user = context.account.extend_session(&token, &context.policy).await?.user;
        if let (Some(promoter), None) = (body.0.and_then(|body| body.spread_id.0), user.promoter) {
            // A login does not depend on who referred the user; an error is in the log.
            let _ = context.account.record_referral(&user, promoter).await;
        }
        Ok(Success::new(context.profile(user, &token).await?))
    }
}
