//! `mallLogout`, which is not in the original API document.

use poem::web::Data;
use poem_openapi::{Object, OpenApi, param::Header};

use super::{
    context::Context,
    dialect::{Codes, Mall},
    fields::AuthToken,
    operation::{NoData, Reply, Success, TOKEN_ERRORS},
    tag::Tag,
};
use crate::{
    account::Error,
    http::{Body, Operation},
    types::ClientIp,
};

pub(super) struct LogoutApi;

// It has no fields, but a body that is neither JSON nor a form is refused as everywhere.
#[derive(Object)]
struct MallLogoutRequest {}

struct MallLogout;

impl Operation<Mall> for MallLogout {
    const MESSAGE: &'static str = "退出成功";
    const ERRORS: &'static [Error] = TOKEN_ERRORS;
    const CODES: Codes = Codes::not_logged_in(1, "MallLogoutFailure");
    type Result = NoData;
}

#[OpenApi(prefix_path = "/users", tag = "Tag::Extension")]
impl LogoutApi {
    /// 退出登录
    ///
    /// 请求头Auth-Token里的token随即失效。失败时HTTP状态码仍为200,code为字符串"-1002"。
    #[oai(path = "/logout", method = "post", operation_id = "mallLogout")]
    async fn logout(
        &self,
        context: Data<&Context>,
        client: ClientIp,
        /// 登录或注册返回的token
        #[oai(name = "Auth-Token")]
        token: Header<Option<AuthToken>>,
        _body: Body<Option<MallLogoutRequest>>,
    ) -> Reply<MallLogout> {
        let token = token.0.map(|token| token.0).unwrap_or_default();
        context.account.end_session(&token, &context.policy, &client).await?;
        Ok(Success::new(NoData::default()))
    }
}
