//! `send_sms`.

use std::collections::BTreeMap;

use poem::web::Data;
use poem_openapi::{Object, OpenApi, types::Example};

use super::{
    Tag,
    operation::{Operation, Reply, Success},
};
use crate::{
    account::{Account, Error, SmsPurpose},
    http::{Body, BodyFields, Choice, From, Judged, Mobile},
};

pub(super) struct SmsApi;

#[derive(Object)]
#[oai(rename = "SendSmsRequest", example)]
struct SendSmsRequest {
    username: Judged<Mobile>,
    r#type: Judged<Choice<SmsPurpose>>,
}

impl BodyFields for SendSmsRequest {}

impl Example for SendSmsRequest {
    fn example() -> Self {
        Self { username: Judged::good(Mobile::example()), r#type: Judged::good(Choice::example()) }
    }
}

pub(super) struct SendSms;

impl Operation for SendSms {
    const REPLY: &'static str = "SendSmsReply";
    const MESSAGE: &'static str = "发送成功";
    const ERRORS: &'static [Error] = &[
        Error::PhoneRegistered,
        Error::PhoneUnknown,
        Error::TooManySms { retry_after: 60 },
        Error::SmsThrottled,
        Error::SmsUnavailable,
        Error::SmsUncertain,
    ];
    const BAD_FIELD: Option<&'static str> = Some("手机号格式不正确,请输入11位手机号");
    type Data = BTreeMap<String, String>;

    fn example() -> Self::Data {
        BTreeMap::new()
    }
}

#[OpenApi(prefix_path = "/users", tag = "Tag::Members")]
impl SmsApi {
    /// 发送短信
    ///
    /// 发送注册或找回密码用的验证码。验证码为6位数字,5分钟内有效,输错5次即失效。
    /// 同一手机号同一用途60秒内只能发送一次,每个手机号每天最多10条。
    #[oai(path = "/send_sms", method = "post", operation_id = "sendSms")]
    async fn send_sms(&self, account: Data<&Account>, caller: From, body: Body<SendSmsRequest>) -> Reply<SendSms> {
        // Every call counts, also one whose fields are wrong.
        account.count_sms_call(&caller.0).await?;
        let SendSmsRequest { username, r#type } = body.0;
        account.send_sms(&username.judge()?.0, r#type.judge()?.0, &caller.0).await?;
        Ok(Success::new(BTreeMap::new()))
    }
}
