//! What the fields of requests must be like.

use std::borrow::Cow;

use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef},
    types::{ParseFromJSON, ParseResult, ToJSON, Type},
};
use serde_json::Value;

use crate::{
    account::SmsPurpose,
    http::{Choices, Rule, Text, TokenField, TokenText, pattern, whole_value},
};

/// The header `Auth-Token`.
pub(super) type AuthToken = TokenField<MallToken>;
pub(super) struct MallToken;

impl TokenText for MallToken {
    const DESCRIPTION: &'static str = "登录或注册返回的token,40位十六进制数字";
    const EXAMPLE: &'static str = "40a78a658f5b8339085707517e8dc7f9cb6854f4";
}

/// What somebody logs in with.
pub(super) type LoginName = Text<LoginNameRule>;
pub(super) struct LoginNameRule;

impl Rule for LoginNameRule {
    const NAME: &'static str = "手机号";
    const DESCRIPTION: &'static str = "手机号(导入的老用户也可以用原来的用户名)";
    const EXAMPLE: &'static str = "18026740326";
    const MAX: usize = 64;
    const MISMATCH: &'static str = "手机号格式不正确";
    // No name has control characters, and not every database takes a NUL.
    pattern!(r"^[^\x00-\x1f\x7f]+$");
}

/// A password that is compared; whether it could be set does not matter.
pub(super) type Password = Text<PasswordRule>;
pub(super) struct PasswordRule;

impl Rule for PasswordRule {
    const NAME: &'static str = "密码";
    const DESCRIPTION: &'static str = "密码";
    const EXAMPLE: &'static str = "correct horse 42";
    const MAX: usize = 1024;
}

/// A password that is set.
pub(super) type NewPassword = Text<NewPasswordRule>;
pub(super) struct NewPasswordRule;

impl Rule for NewPasswordRule {
    const NAME: &'static str = "密码";
    const DESCRIPTION: &'static str = "新密码,8到64个字符,不能是常见的密码";
    const EXAMPLE: &'static str = PasswordRule::EXAMPLE;
    const MIN: usize = 8;
    const MAX: usize = 64;
}

/// A code from a message.
pub(super) type SmsCode = Text<SmsCodeRule>;
pub(super) struct SmsCodeRule;

impl Rule for SmsCodeRule {
    const NAME: &'static str = "验证码";
    const DESCRIPTION: &'static str = "短信验证码,6位数字,5分钟内有效";
    const EXAMPLE: &'static str = "123456";
    const MAX: usize = 6;
    const MIN: usize = 6;
    const MISMATCH: &'static str = "验证码为6位数字";
    pattern!("^[0-9]{6}$");
}

/// The same where it may be empty, because it is there only for a registration.
pub(super) type MaybeSmsCode = Text<MaybeSmsCodeRule>;
pub(super) struct MaybeSmsCodeRule;

impl Rule for MaybeSmsCodeRule {
    const NAME: &'static str = SmsCodeRule::NAME;
    const DESCRIPTION: &'static str = "短信验证码;不为空时本次请求是注册";
    const EXAMPLE: &'static str = "";
    const MIN: usize = 0;
    const MAX: usize = 6;
    const MISMATCH: &'static str = SmsCodeRule::MISMATCH;
    pattern!("^([0-9]{6})?$");
}

/// A code of WeChat, from the consent page or from `wx.login()`.
pub(super) type WechatCode = Text<WechatCodeRule>;
pub(super) struct WechatCodeRule;

impl Rule for WechatCodeRule {
    const NAME: &'static str = "code";
    const DESCRIPTION: &'static str = "公众号网页授权或wx.login()得到的code,5分钟内有效,只能用一次";
    const EXAMPLE: &'static str = "wx_login_code_here";
    const MAX: usize = 256;
    const MISMATCH: &'static str = "code格式不正确";
    pattern!("^[!-~]+$");
}

/// A state that came back.
pub(super) type State = Text<StateRule>;
pub(super) struct StateRule;

impl Rule for StateRule {
    const NAME: &'static str = "state";
    const DESCRIPTION: &'static str = "source为1时必填:授权后重定向带回的state";
    const EXAMPLE: &'static str = "9f86d081884c7d659a2feaa0c55ad015";
    const MAX: usize = 128;
    const MISMATCH: &'static str = "state格式不正确";
    pattern!("^[!-~]+$");
}

/// What WeChat told a mini program about its user.
pub(super) type UserInfoText = Text<UserInfoTextRule>;
pub(super) struct UserInfoTextRule;

impl Rule for UserInfoTextRule {
    const NAME: &'static str = "userInfo";
    const DESCRIPTION: &'static str =
        "source为2时可选:微信userInfo的JSON字符串(nickName、avatarUrl、gender),只用来补全空的资料";
    const EXAMPLE: &'static str = r#"{"nickName":"demo","avatarUrl":"https://example.com/avatar.jpg","gender":1}"#;
    const MIN: usize = 0;
    const MAX: usize = 4096;
}

/// A return address.
pub(super) type RedirectUri = Text<RedirectUriRule>;
pub(super) struct RedirectUriRule;

impl Rule for RedirectUriRule {
    const NAME: &'static str = "redirect_uri";
    const DESCRIPTION: &'static str = "授权后回到的页面,必须在配置的列表里;默认为列表的第一个";
    const EXAMPLE: &'static str = "https://mall.example.com/wechat";
    const MAX: usize = 512;
}

impl Choices for SmsPurpose {
    const NAME: &'static str = "type";
    const DESCRIPTION: &'static str = "用途:register注册,password找回密码";
    const CHOICES: &'static [(&'static str, Self)] = &[("register", Self::Register), ("password", Self::Password)];
    const MISMATCH: &'static str = "type须为register或password";
}

/// Through which app of WeChat somebody comes.
#[derive(Clone, Copy)]
pub(super) enum Source {
    Official,
    Mini,
}

impl Choices for Source {
    const NAME: &'static str = "source";
    const DESCRIPTION: &'static str = "来源:1公众号,2微信小程序";
    const CHOICES: &'static [(&'static str, Self)] = &[("1", Self::Official), ("2", Self::Mini)];
    const INTEGERS: bool = true;
    const MISMATCH: &'static str = "source须为1(公众号)或2(微信小程序)";
}

/// The promoter's user id; what is no such id is as good as none.
pub(super) struct SpreadId(pub Option<i64>);

impl Type for SpreadId {
    const IS_REQUIRED: bool = false;
    whole_value!();

    fn name() -> Cow<'static, str> {
        "spread_id".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema {
            description: Some("推广者的用户id,只记录一次;无效的值会被忽略"),
            example: Some(2.into()),
            ..MetaSchema::new_with_format("integer", "int64")
        }))
    }
}

impl ParseFromJSON for SpreadId {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        let id = match value {
            Some(Value::Number(number)) => number.as_i64(),
            Some(Value::String(text)) => text.trim().parse().ok(),
            _ => None,
        };
        Ok(Self(id.filter(|id| *id > 0)))
    }
}

impl ToJSON for SpreadId {
    fn to_json(&self) -> Option<Value> {
        self.0.map(Value::from)
    }
}
