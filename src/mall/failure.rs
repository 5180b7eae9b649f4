//! The dialect's words for everything that can go wrong.

use std::borrow::Cow;

use poem::{
    Response,
    http::{HeaderValue, StatusCode, header},
};

use super::envelope::{Code, Envelope};
use crate::{account::Error, web::Stray};

/// Seconds after which it is worth asking again when something is out of order.
const RETRY_AFTER: u64 = 5;

/// A failure in this dialect. What the caller can mend, what a limit refuses and what an upstream fails at has
/// the HTTP status 200.
pub(super) struct Failure {
    pub status: StatusCode,
    pub msg: Cow<'static, str>,
}

impl Failure {
    fn new(status: StatusCode, msg: impl Into<Cow<'static, str>>) -> Self {
        Self { status, msg: msg.into() }
    }

    fn ok(msg: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::OK, msg)
    }

    pub(super) fn envelope(&self, code: Code) -> Envelope<'_> {
        Envelope { code, msg: &self.msg, data: None }
    }

    pub(super) fn into_response(self, code: Code) -> Response {
        let status = self.status;
        let mut response = self.envelope(code).into_response(status);
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER));
        }
        response
    }
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        match error {
            Error::TokenInvalid => Self::ok("登录已失效,请重新登录"),
            Error::UserDisabled => Self::ok("账号已被禁用,请联系客服"),
            Error::UserGone => Self::ok("用户不存在,请重新登录"),
            Error::LoginCodeInvalid => Self::ok("授权失败: code无效,请重新授权"),
            Error::LoginBlocked => Self::ok("授权失败: 该微信账号被限制登录"),
            Error::LoginUnavailable => Self::ok("授权失败: 微信服务暂时不可用,请稍后重新授权"),
            Error::PhoneCodeInvalid => Self::ok("获取手机号失败: code无效"),
            Error::PhoneUnavailable => Self::ok("获取手机号失败: 微信服务暂时不可用,请稍后再试"),
            Error::PhoneTaken => Self::ok("该手机号已被其他用户绑定"),
            Error::TooManyFailures { retry_after } => Self::ok(format!("请求过于频繁,请{}后再试", wait(*retry_after))),
            Error::TooManySms { retry_after } => Self::ok(format!("短信发送过于频繁,请{}后再试", wait(*retry_after))),
            Error::TooManyPasswords { retry_after } => {
                Self::ok(format!("密码错误次数过多,请{}后再试,或找回密码", wait(*retry_after)))
            }
            Error::PhoneRegistered => Self::ok("该手机号已注册,请直接登录或找回密码"),
            Error::PhoneUnknown => Self::ok("该手机号未注册,请先注册"),
            Error::SmsCodeInvalid => Self::ok("验证码错误或已失效,请核对或重新获取"),
            Error::SmsThrottled => Self::ok("该手机号接收短信过于频繁,请稍后再试"),
            Error::SmsUnavailable => Self::ok("短信服务暂时不可用,请稍后再试"),
            Error::SmsUncertain => Self::ok("短信可能已经发出,若未收到请一分钟后重新获取"),
            Error::PasswordWrong => Self::ok("账号或密码错误"),
            Error::PasswordCommon => Self::ok("密码过于常见,请换一个"),
            Error::OfficialMissing => Self::ok("公众号登录未开通"),
            Error::ReturnAddressUnknown => Self::ok("redirect_uri未登记,请在配置中加入该地址"),
            Error::StateInvalid => Self::ok("state无效或已过期,请重新授权"),
            Error::SnapshotUser => Self::ok("当前为快照页浏览,请点击“使用完整服务”后再登录"),
            Error::Overloaded => Self::new(StatusCode::SERVICE_UNAVAILABLE, "服务繁忙,请稍后再试"),
            Error::Unavailable => Self::new(StatusCode::SERVICE_UNAVAILABLE, "服务暂时不可用,请稍后再试"),
            Error::Internal => Self::new(StatusCode::INTERNAL_SERVER_ERROR, "服务器内部错误,请稍后再试"),
        }
    }
}

impl From<&Stray> for Failure {
    fn from(stray: &Stray) -> Self {
        match stray {
            Stray::BadField(message) => Self::ok(message.clone()),
            Stray::BrokenBody(message) => Self::new(StatusCode::BAD_REQUEST, *message),
            Stray::ForeignOrigin => Self::ok("不允许从该网站调用,请在配置中加入它的来源"),
            Stray::NotFound => Self::new(StatusCode::NOT_FOUND, "接口不存在"),
            Stray::MethodNotAllowed => Self::new(StatusCode::METHOD_NOT_ALLOWED, "请求方法不支持"),
            Stray::BodyTooLarge => Self::new(StatusCode::PAYLOAD_TOO_LARGE, "请求体过大,最大64KB"),
            Stray::UnsupportedMediaType => Self::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "Content-Type须为application/json或application/x-www-form-urlencoded",
            ),
            Stray::Internal => Self::new(StatusCode::INTERNAL_SERVER_ERROR, "服务器内部错误,请稍后再试"),
        }
    }
}

/// The answer to what went wrong around an operation.
pub(super) fn refuse(stray: &Stray) -> Response {
    Failure::from(stray).into_response(Code::FAILED)
}

/// A waiting time as people say it, rounded up.
fn wait(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{}秒", seconds.max(1)),
        60..3_600 => format!("{}分钟", seconds.div_ceil(60)),
        _ => format!("{}小时", seconds.div_ceil(3_600)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::failure_table::row;

    #[tokio::test]
    async fn every_failure_has_a_status_and_words() {
        let mut table = String::new();
        for error in Error::every() {
            table += &row(error, Failure::from(&error).into_response(Code::FAILED)).await;
        }
        for error in Stray::every() {
            let response = refuse(&error);
            table += &row(error, response).await;
        }
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!("failures", table);
        });
    }

    #[test]
    fn a_waiting_time_is_rounded_up_to_what_people_say() {
        for (seconds, said) in [
            (0, "1秒"),
            (59, "59秒"),
            (60, "1分钟"),
            (61, "2分钟"),
            (3_599, "60分钟"),
            (3_601, "2小时"),
            (86_400, "24小时"),
        ] {
            assert_eq!(wait(seconds), said);
        }
    }
}
