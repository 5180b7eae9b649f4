//! The HTTP status and the message of every error. The status is 200 for errors of the client, of limits and of
//! upstreams.

use std::borrow::Cow;

use crate::{
    account::Error,
    http::{Failure, RequestError},
};

fn ok(message: impl Into<Cow<'static, str>>) -> Failure {
    Failure::new(200, message)
}

pub(super) fn failure(error: &Error) -> Failure {
    match error {
        Error::TokenInvalid => ok("登录已失效,请重新登录"),
        Error::UserDisabled => ok("账号已被禁用,请联系客服"),
        Error::UserGone => ok("用户不存在,请重新登录"),
        Error::LoginCodeInvalid => ok("授权失败: code无效,请重新授权"),
        Error::LoginBlocked => ok("授权失败: 该微信账号被限制登录"),
        Error::LoginUnavailable => ok("授权失败: 微信服务暂时不可用,请稍后重新授权"),
        Error::PhoneCodeInvalid => ok("获取手机号失败: code无效"),
        Error::PhoneUnavailable => ok("获取手机号失败: 微信服务暂时不可用,请稍后再试"),
        Error::PhoneTaken => ok("该手机号已被其他用户绑定"),
        Error::TooManyFailures { retry_after } => ok(format!("请求过于频繁,请{}后再试", wait(*retry_after))),
        Error::TooManySms { retry_after } => ok(format!("短信发送过于频繁,请{}后再试", wait(*retry_after))),
        Error::TooManyPasswords { retry_after } => {
            ok(format!("密码错误次数过多,请{}后再试,或找回密码", wait(*retry_after)))
        }
        Error::PhoneRegistered => ok("该手机号已注册,请直接登录或找回密码"),
        Error::PhoneUnknown => ok("该手机号未注册,请先注册"),
        Error::SmsCodeInvalid => ok("验证码错误或已失效,请核对或重新获取"),
        Error::SmsThrottled => ok("该手机号接收短信过于频繁,请稍后再试"),
        Error::SmsUnavailable => ok("短信服务暂时不可用,请稍后再试"),
        Error::SmsUncertain => ok("短信可能已经发出,若未收到请一分钟后重新获取"),
        Error::PasswordWrong => ok("账号或密码错误"),
        Error::PasswordCommon => ok("密码过于常见,请换一个"),
        Error::OfficialMissing => ok("公众号登录未开通"),
        Error::ReturnAddressUnknown => ok("redirect_uri未登记,请在配置中加入该地址"),
        Error::StateInvalid => ok("state无效或已过期,请重新授权"),
        Error::SnapshotUser => ok("当前为快照页浏览,请点击“使用完整服务”后再登录"),
        Error::Overloaded => Failure::new(503, "服务繁忙,请稍后再试"),
        Error::Unavailable => Failure::new(503, "服务暂时不可用,请稍后再试"),
        Error::Internal => Failure::new(500, "服务器内部错误,请稍后再试"),
    }
}

pub(super) fn request_failure(error: &RequestError) -> Failure {
    match error {
        RequestError::BadField(message) => ok(message.clone()),
        RequestError::BrokenBody(message) => Failure::new(400, *message),
        RequestError::ForeignOrigin => ok("不允许从该网站调用,请在配置中加入它的来源"),
        RequestError::NotFound => Failure::new(404, "接口不存在"),
        RequestError::MethodNotAllowed => Failure::new(405, "请求方法不支持"),
        RequestError::BodyTooLarge => Failure::new(413, "请求体过大,最大64KB"),
        RequestError::UnsupportedMediaType => {
            Failure::new(415, "Content-Type须为application/json或application/x-www-form-urlencoded")
        }
        RequestError::Internal => Failure::new(500, "服务器内部错误,请稍后再试"),
    }
}

/// A duration in its largest unit, rounded up.
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
    use crate::{http::failure_table, mall::dialect::Mall};

    #[tokio::test]
    async fn every_failure_has_a_status_and_a_message() {
        let table = failure_table::<Mall>(Error::every()).await;
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
