//! `send_sms`.

use poem::web::Data;
use poem_openapi::{Object, OpenApi};

use super::{
    context::Context,
    deferred::Deferred,
    dialect::Mall,
    mobile::Mobile,
    operation::{NoData, Reply, Success},
    tag::Tag,
};
use crate::{
    account::Error,
    http::{Body, OneOf, Operation},
    types::{ClientIp, SmsPurpose},
};

pub(super) struct SmsApi;

#[derive(Object)]
struct SendSmsRequest {
    username: Deferred<Mobile>,
    r#type: Deferred<OneOf<SmsPurpose>>,
}

struct SendSms;

impl Operation<Mall> for SendSms {
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
    type Result = NoData;
}

#[OpenApi(prefix_path = "/users", tag = "Tag::Members")]
impl SmsApi {
    /// 发送短信
    ///
    /// 发送注册或找回密码用的验证码。验证码为6位数字,5分钟内有效,输错5次即失效。
    /// 同一手机号同一用途60秒内只能发送一次,每个手机号每天最多10条。
    #[oai(path = "/send_sms", method = "post", operation_id = "sendSms")]
    async fn send_sms(&self, context: Data<&Context>, client: ClientIp, body: Body<SendSmsRequest>) -> Reply<SendSms> {
        // Counted before the fields are checked, so that calls with wrong fields count too.
        context.account.count_sms_call(&client).await?;
        let SendSmsRequest { username, r#type } = body.0;
        context.account.send_sms(&username.0?, r#type.0?, &client).await?;
        Ok(Success::new(NoData::default()))
    }
}
