//! The dialect's words for everything that can go wrong.

use poem::{
    Response,
    http::{HeaderValue, header},
};

use super::envelope::Envelope;
use crate::{account::Error, web::Stray};

/// Seconds after which it is worth asking again when something is out of order.
const RETRY_AFTER: u64 = 5;

/// A failure in this dialect: its code and its message for the user.
pub(super) struct Failure {
    pub code: u16,
    pub message: String,
    retry_after: Option<u64>,
}

impl Failure {
    fn new(code: u16, message: impl Into<String>) -> Self {
        let retry_after = (code == 503).then_some(RETRY_AFTER);
        Self { code, message: message.into(), retry_after }
    }

    pub(super) fn envelope(&self) -> Envelope<'_> {
        Envelope::failure(self.code, &self.message)
    }

    pub(super) fn into_response(self) -> Response {
        let mut response = self.envelope().into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
        }
        response
    }
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        match error {
            Error::TokenInvalid => Self::new(401, "token无效"),
            Error::UserDisabled => Self::new(403, "账号已被禁用"),
            Error::UserGone => Self::new(404, "用户不存在"),
            Error::LoginCodeInvalid => Self::new(400, "微信登录失败: code无效"),
            Error::LoginBlocked => Self::new(403, "微信登录失败: 该微信账号被限制登录"),
            Error::LoginUnavailable => Self::new(503, "微信登录失败: 微信服务暂时不可用"),
            Error::PhoneCodeInvalid => Self::new(400, "获取手机号失败: code无效"),
            Error::PhoneUnavailable => Self::new(503, "获取手机号失败: 微信服务暂时不可用"),
            Error::PhoneTaken => Self::new(400, "该手机号已被其他用户绑定"),
            Error::TooManyFailures { retry_after }
            | Error::TooManySms { retry_after }
            | Error::TooManyPasswords { retry_after } => {
                Self { retry_after: Some(*retry_after), ..Self::new(429, "请求过于频繁,请稍后再试") }
            }
            Error::PhoneRegistered => Self::new(400, "该手机号已注册"),
            Error::PhoneUnknown => Self::new(400, "该手机号未注册"),
            Error::SmsCodeInvalid => Self::new(400, "验证码错误或已失效"),
            Error::PasswordWrong => Self::new(400, "账号或密码错误"),
            Error::PasswordCommon => Self::new(400, "密码过于简单,请换一个"),
            Error::ReturnAddressUnknown => Self::new(400, "回调地址未登记"),
            Error::StateInvalid => Self::new(400, "登录已过期,请重新授权"),
            Error::SnapshotUser => Self::new(403, "请使用完整服务后再登录"),
            Error::OfficialMissing => Self::new(503, "公众号登录未开通"),
            Error::SmsUnavailable | Error::SmsUncertain => Self::new(503, "短信服务暂时不可用"),
            Error::SmsThrottled => Self::new(429, "请求过于频繁,请稍后再试"),
            Error::Overloaded => Self::new(503, "服务繁忙,请稍后再试"),
            Error::Unavailable => Self::new(503, "服务暂时不可用,请稍后再试"),
            Error::Internal => Self::new(500, "服务器内部错误"),
        }
    }
}

impl From<&Stray> for Failure {
    fn from(stray: &Stray) -> Self {
        match stray {
            Stray::BadField(message) => Self::new(400, message.as_str()),
            Stray::BrokenBody(message) => Self::new(400, *message),
            Stray::ForeignOrigin => Self::new(403, "不允许从该网站调用"),
            Stray::NotFound => Self::new(404, "资源不存在"),
            Stray::MethodNotAllowed => Self::new(405, "请求方法不支持"),
            Stray::BodyTooLarge => Self::new(413, "请求体过大,最大64KB"),
            Stray::UnsupportedMediaType => {
                Self::new(415, "Content-Type须为application/json或application/x-www-form-urlencoded")
            }
            Stray::Internal => Self::new(500, "服务器内部错误"),
        }
    }
}

/// The answer to what went wrong around an operation.
pub(super) fn refuse(stray: &Stray) -> Response {
    Failure::from(stray).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::failure_table::row;

    #[tokio::test]
    async fn every_failure_has_a_status_and_words() {
        let mut table = String::new();
        for error in Error::every() {
            table += &row(error, Failure::from(&error).into_response()).await;
        }
        for error in Stray::every() {
            let response = refuse(&error);
            table += &row(error, response).await;
        }
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!("failures", table);
        });
    }
}
