//! The code and the message of every error.

use crate::{
    account::Error,
    http::{Failure, RequestError},
};

pub(super) fn failure(error: &Error) -> Failure {
    match error {
        Error::TokenInvalid => Failure::new(401, "token无效"),
        Error::UserDisabled => Failure::new(403, "账号已被禁用"),
        Error::UserGone => Failure::new(404, "用户不存在"),
        Error::LoginCodeInvalid => Failure::new(400, "微信登录失败: code无效"),
        Error::LoginBlocked => Failure::new(403, "微信登录失败: 该微信账号被限制登录"),
        Error::LoginUnavailable => Failure::new(503, "微信登录失败: 微信服务暂时不可用"),
        Error::PhoneCodeInvalid => Failure::new(400, "获取手机号失败: code无效"),
        Error::PhoneUnavailable => Failure::new(503, "获取手机号失败: 微信服务暂时不可用"),
        Error::PhoneTaken => Failure::new(400, "该手机号已被其他用户绑定"),
        Error::TooManyFailures { retry_after }
        | Error::TooManySms { retry_after }
        | Error::TooManyPasswords { retry_after } => {
            Failure { retry_after: Some(*retry_after), ..Failure::new(429, "请求过于频繁,请稍后再试") }
        }
        Error::PhoneRegistered => Failure::new(400, "该手机号已注册"),
        Error::PhoneUnknown => Failure::new(400, "该手机号未注册"),
        Error::SmsCodeInvalid => Failure::new(400, "验证码错误或已失效"),
        Error::PasswordWrong => Failure::new(400, "账号或密码错误"),
        Error::PasswordCommon => Failure::new(400, "密码过于简单,请换一个"),
        Error::ReturnAddressUnknown => Failure::new(400, "回调地址未登记"),
        Error::StateInvalid => Failure::new(400, "登录已过期,请重新授权"),
        Error::SnapshotUser => Failure::new(403, "请使用完整服务后再登录"),
        Error::OfficialMissing => Failure::new(503, "公众号登录未开通"),
        Error::SmsUnavailable | Error::SmsUncertain => Failure::new(503, "短信服务暂时不可用"),
        Error::SmsThrottled => Failure::new(429, "请求过于频繁,请稍后再试"),
        Error::Overloaded => Failure::new(503, "服务繁忙,请稍后再试"),
        Error::Unavailable => Failure::new(503, "服务暂时不可用,请稍后再试"),
        Error::Internal => Failure::new(500, "服务器内部错误"),
    }
}

pub(super) fn request_failure(error: &RequestError) -> Failure {
    match error {
        RequestError::BadField(message) => Failure::new(400, message.clone()),
        RequestError::BrokenBody(message) => Failure::new(400, *message),
        RequestError::ForeignOrigin => Failure::new(403, "不允许从该网站调用"),
        RequestError::NotFound => Failure::new(404, "资源不存在"),
        RequestError::MethodNotAllowed => Failure::new(405, "请求方法不支持"),
        RequestError::BodyTooLarge => Failure::new(413, "请求体过大,最大64KB"),
        RequestError::UnsupportedMediaType => {
            Failure::new(415, "Content-Type须为application/json或application/x-www-form-urlencoded")
        }
        RequestError::Internal => Failure::new(500, "服务器内部错误"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{applet::dialect::Applet, http::failure_table};

    #[tokio::test]
    async fn every_failure_has_a_status_and_a_message() {
        let table = failure_table::<Applet>(Error::every()).await;
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!("failures", table);
        });
    }
}
