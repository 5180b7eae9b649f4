//! `getPhoneNumber` and `bindPhoneNumber`.

use poem::web::Data;
use poem_openapi::{Object, OpenApi};

use super::{
    context::Context,
    dialect::Applet,
    fields::{BindPhoneCode, PhoneCode},
    operation::{Reply, Success, TextResult},
    tag::Tag,
    token::{Bearer, Token},
};
use crate::{
    account::Error,
    http::{Body, Operation},
    types::ClientIp,
};

pub(super) struct PhoneApi;

#[derive(Object)]
struct GetPhoneNumberRequest {
    code: PhoneCode,
}

struct GetPhoneNumber;

impl Operation<Applet> for GetPhoneNumber {
    const MESSAGE: &'static str = "获取成功";
    const ERRORS: &'static [Error] =
        &[Error::PhoneCodeInvalid, Error::TooManyFailures { retry_after: 300 }, Error::PhoneUnavailable];
    const BAD_FIELD: Option<&'static str> = Some("缺少参数code");
    type Result = TextResult;

    fn example() -> TextResult {
        TextResult("13800138000".to_owned())
    }
}

#[derive(Object)]
#[oai(rename_all = "camelCase")]
struct BindPhoneNumberRequest {
    token: Token,
    phone_code: BindPhoneCode,
}

struct BindPhoneNumber;

impl Operation<Applet> for BindPhoneNumber {
    const MESSAGE: &'static str = "绑定成功";
    const ERRORS: &'static [Error] = &[
        Error::PhoneTaken,
        Error::PhoneCodeInvalid,
        Error::TokenInvalid,
        Error::UserDisabled,
        Error::UserGone,
        Error::PhoneUnavailable,
    ];
    const BAD_FIELD: Option<&'static str> = Some("缺少参数phoneCode");
    type Result = TextResult;
}

#[OpenApi(prefix_path = "/applet/login", tag = "Tag::Phone")]
impl PhoneApi {
    /// 获取手机号
    ///
    /// 用手机号获取code换取手机号,不绑定到用户。
    #[oai(path = "/getPhoneNumber", method = "post", operation_id = "getPhoneNumber")]
    async fn get_phone_number(
        &self,
        context: Data<&Context>,
        client: ClientIp,
        body: Body<GetPhoneNumberRequest>,
    ) -> Reply<GetPhoneNumber> {
        let phone = context.account.phone_number(&body.0.code.0, &client).await?;
        Ok(Success::new(TextResult(phone.as_str().to_owned())))
    }

    /// 绑定手机号
    ///
    /// 用手机号获取code换取手机号,并绑定到当前用户;已绑定的号码会被新号码替换。
    /// code必须由当前用户本人的微信取得。一个手机号只能属于一个用户。
    #[oai(path = "/bindPhoneNumber", method = "post", operation_id = "bindPhoneNumber")]
    async fn bind_phone_number(
        &self,
        context: Data<&Context>,
        client: ClientIp,
        bearer: Bearer,
        body: Body<BindPhoneNumberRequest>,
    ) -> Reply<BindPhoneNumber> {
        let BindPhoneNumberRequest { token, phone_code } = body.0;
        context.account.bind_phone(&token.or(bearer), &phone_code.0, &context.policy, &client).await?;
        Ok(Success::done())
    }
}
