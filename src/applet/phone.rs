//! `getPhoneNumber` and `bindPhoneNumber`.

use poem::web::Data;
use poem_openapi::{Object, OpenApi, types::Example};

use super::{
    Tag,
    fields::{BindPhoneCode, PhoneCode, Token},
    operation::{Operation, Reply, Success},
};
use crate::{
    account::{Account, Error},
    http::{Bearer, Body, BodyFields, From},
};

pub(super) struct PhoneApi;

#[derive(Object)]
#[oai(rename = "GetPhoneNumberRequest", example)]
struct GetPhoneNumberRequest {
    code: PhoneCode,
}

impl BodyFields for GetPhoneNumberRequest {}

impl Example for GetPhoneNumberRequest {
    fn example() -> Self {
        Self { code: PhoneCode::example() }
    }
}

#[derive(Object)]
#[oai(rename = "BindPhoneNumberRequest", rename_all = "camelCase", example)]
struct BindPhoneNumberRequest {
    token: Token,
    phone_code: BindPhoneCode,
}

impl BodyFields for BindPhoneNumberRequest {}

impl Example for BindPhoneNumberRequest {
    fn example() -> Self {
        Self { token: Token::example(), phone_code: BindPhoneCode::example() }
    }
}

pub(super) struct GetPhoneNumber;

impl Operation for GetPhoneNumber {
    const REPLY: &'static str = "GetPhoneNumberReply";
    const MESSAGE: &'static str = "获取成功";
    const ERRORS: &'static [Error] =
        &[Error::PhoneCodeInvalid, Error::TooManyFailures { retry_after: 300 }, Error::PhoneUnavailable];
    const BAD_REQUEST: Option<&'static str> = Some("缺少参数code");
    type Result = String;

    fn example() -> String {
        "13800138000".to_owned()
    }
}

pub(super) struct BindPhoneNumber;

impl Operation for BindPhoneNumber {
    const REPLY: &'static str = "BindPhoneNumberReply";
    const MESSAGE: &'static str = "绑定成功";
    const ERRORS: &'static [Error] = &[
        Error::PhoneTaken,
        Error::PhoneCodeInvalid,
        Error::TokenInvalid,
        Error::UserDisabled,
        Error::UserGone,
        Error::PhoneUnavailable,
    ];
    const BAD_REQUEST: Option<&'static str> = Some("缺少参数phoneCode");
    type Result = String;

    fn example() -> String {
        Self::MESSAGE.to_owned()
    }
}

#[OpenApi(prefix_path = "/applet/login", tag = "Tag::Phone")]
impl PhoneApi {
    /// 获取手机号
    ///
    /// 用手机号获取code换取手机号,不绑定到用户。
    #[oai(path = "/getPhoneNumber", method = "post", operation_id = "getPhoneNumber")]
    async fn get_phone_number(
        &self,
        account: Data<&Account>,
        caller: From,
        body: Body<GetPhoneNumberRequest>,
    ) -> Reply<GetPhoneNumber> {
        let phone = account.phone_number(body.0.code.as_str(), &caller.0).await?;
        Ok(Success(phone.as_str().to_owned()))
    }

    /// 绑定手机号
    ///
    /// 用手机号获取code换取手机号,并绑定到当前用户;已绑定的号码会被新号码替换。
    /// code必须由当前用户本人的微信取得。一个手机号只能属于一个用户。
    #[oai(path = "/bindPhoneNumber", method = "post", operation_id = "bindPhoneNumber")]
    async fn bind_phone_number(
        &self,
        account: Data<&Account>,
        caller: From,
        bearer: Bearer,
        body: Body<BindPhoneNumberRequest>,
    ) -> Reply<BindPhoneNumber> {
        let BindPhoneNumberRequest { token, phone_code } = body.0;
        account.bind_phone(&token.or(bearer), phone_code.as_str(), &caller.0).await?;
        Ok(Success(BindPhoneNumber::MESSAGE.to_owned()))
    }
}
