//! The fields of requests.

use poem_openapi::registry::MetaSchema;
use serde_json::Value;

use crate::{
    account::{NewPassword, SmsCode},
    http::{
        Field, Kind, Parsed, ParsedText, Pattern, StringEnum, Text, TextRule, Token, TokenRule, VISIBLE_ASCII, pattern,
    },
    types::{OauthState, SmsPurpose, UserId},
};

/// Some databases refuse NUL.
static NO_CONTROL_CHARACTERS: Pattern = Pattern::new(|| pattern(r"^[^\x00-\x1f\x7f]+$"));
static SIX_DIGITS: Pattern = Pattern::new(|| pattern("^[0-9]{6}$"));
static SIX_DIGITS_OR_NOTHING: Pattern = Pattern::new(|| pattern("^([0-9]{6})?$"));

/// The header `Auth-Token`.
pub(super) type AuthToken = Token<MallToken>;
pub(super) struct MallToken;

impl TokenRule for MallToken {
    const DESCRIPTION: &'static str = "登录或注册返回的token,40位十六进制数字";
    const EXAMPLE: &'static str = "40a78a658f5b8339085707517e8dc7f9cb6854f4";
}

/// A phone number, or the username of an imported user.
pub(super) type LoginName = Text<LoginNameRule>;
pub(super) struct LoginNameRule;

impl TextRule for LoginNameRule {
    const NAME: &'static str = "手机号";
    const DESCRIPTION: &'static str = "手机号(导入的老用户也可以用原来的用户名)";
    const EXAMPLE: &'static str = "18026740326";
    const MAX: usize = 64;
    const MISMATCH: &'static str = "手机号格式不正确";
    const PATTERN: Option<&'static Pattern> = Some(&NO_CONTROL_CHARACTERS);
}

/// A password to log in with. The rules for new passwords do not apply.
pub(super) type PasswordText = Text<PasswordRule>;
pub(super) struct PasswordRule;

impl TextRule for PasswordRule {
    const NAME: &'static str = "密码";
    const DESCRIPTION: &'static str = "密码";
    const EXAMPLE: &'static str = "correct horse 42";
    const MAX: usize = 1024;
}

/// A new password.
pub(super) type NewPasswordText = Parsed<NewPasswordRule>;
pub(super) struct NewPasswordRule;

impl TextRule for NewPasswordRule {
    const NAME: &'static str = "密码";
    const DESCRIPTION: &'static str = "新密码,8到64个字符,不能是常见的密码";
    const EXAMPLE: &'static str = PasswordRule::EXAMPLE;
    const MIN: usize = NewPassword::MIN_CHARS;
    const MAX: usize = NewPassword::MAX_CHARS;
}

impl ParsedText for NewPasswordRule {
    type Value = NewPassword;

    fn parse(text: String) -> Option<NewPassword> {
        NewPassword::parse(text)
    }
}

/// A code received by SMS.
pub(super) type SmsCodeText = Parsed<SmsCodeRule>;
pub(super) struct SmsCodeRule;

impl TextRule for SmsCodeRule {
    const NAME: &'static str = "验证码";
    const DESCRIPTION: &'static str = "短信验证码,6位数字,5分钟内有效";
    const EXAMPLE: &'static str = "123456";
    const MAX: usize = 6;
    const MIN: usize = 6;
    const MISMATCH: &'static str = "验证码为6位数字";
    const PATTERN: Option<&'static Pattern> = Some(&SIX_DIGITS);
}

impl ParsedText for SmsCodeRule {
    type Value = SmsCode;

    fn parse(text: String) -> Option<SmsCode> {
        SmsCode::parse(text)
    }
}

/// An SMS code that is empty if the request is not a registration.
pub(super) type MaybeSmsCodeText = Text<MaybeSmsCodeRule>;
pub(super) struct MaybeSmsCodeRule;

impl TextRule for MaybeSmsCodeRule {
    const NAME: &'static str = SmsCodeRule::NAME;
    const DESCRIPTION: &'static str = "短信验证码;不为空时本次请求是注册";
    const EXAMPLE: &'static str = "";
    const MIN: usize = 0;
    const MAX: usize = 6;
    const MISMATCH: &'static str = SmsCodeRule::MISMATCH;
    const PATTERN: Option<&'static Pattern> = Some(&SIX_DIGITS_OR_NOTHING);
}

/// A code from WeChat's consent page or from `wx.login()`.
pub(super) type WechatCode = Text<WechatCodeRule>;
pub(super) struct WechatCodeRule;

impl TextRule for WechatCodeRule {
    const NAME: &'static str = "code";
    const DESCRIPTION: &'static str = "公众号网页授权或wx.login()得到的code,5分钟内有效,只能用一次";
    const EXAMPLE: &'static str = "wx_login_code_here";
    const MAX: usize = 256;
    const MISMATCH: &'static str = "code格式不正确";
    const PATTERN: Option<&'static Pattern> = Some(&VISIBLE_ASCII);
}

/// The `state` of a redirect from the consent page.
pub(super) type State = Parsed<StateRule>;
pub(super) struct StateRule;

impl TextRule for StateRule {
    const NAME: &'static str = "state";
    const DESCRIPTION: &'static str = "source为1时必填:授权后重定向带回的state";
    const EXAMPLE: &'static str = "9f86d081884c7d659a2feaa0c55ad015";
    const MAX: usize = 128;
    const MISMATCH: &'static str = "state格式不正确";
    const PATTERN: Option<&'static Pattern> = Some(&VISIBLE_ASCII);
}

impl ParsedText for StateRule {
    type Value = OauthState;

    fn parse(text: String) -> Option<OauthState> {
        Some(OauthState::new(text))
    }
}

/// The JSON text of WeChat's `userInfo`.
pub(super) type UserInfoText = Text<UserInfoTextRule>;
pub(super) struct UserInfoTextRule;

impl TextRule for UserInfoTextRule {
    const NAME: &'static str = "userInfo";
    const DESCRIPTION: &'static str =
        "source为2时可选:微信userInfo的JSON字符串(nickName、avatarUrl、gender),只用来补全空的资料";
    const EXAMPLE: &'static str = r#"{"nickName":"demo","avatarUrl":"https://example.com/avatar.jpg","gender":1}"#;
    const MIN: usize = 0;
    const MAX: usize = 4096;
}

/// The address that the consent page redirects to.
pub(super) type RedirectUri = Text<RedirectUriRule>;
pub(super) struct RedirectUriRule;

impl TextRule for RedirectUriRule {
    const NAME: &'static str = "redirect_uri";
    const DESCRIPTION: &'static str = "授权后回到的页面,必须在配置的列表里;默认为列表的第一个";
    const EXAMPLE: &'static str = "https://mall.example.com/wechat";
    const MAX: usize = 512;
}

impl StringEnum for SmsPurpose {
    const NAME: &'static str = "type";
    const DESCRIPTION: &'static str = "用途:register注册,password找回密码";
    const VALUES: &'static [(&'static str, Self)] = &[("register", Self::Register), ("password", Self::Password)];
    const MISMATCH: &'static str = "type须为register或password";
}

/// The kind of WeChat app that a login comes from.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Source {
    Official,
    Mini,
}

impl StringEnum for Source {
    const NAME: &'static str = "source";
    const DESCRIPTION: &'static str = "来源:1公众号,2微信小程序";
    const VALUES: &'static [(&'static str, Self)] = &[("1", Self::Official), ("2", Self::Mini)];
    const INTEGERS: bool = true;
    const MISMATCH: &'static str = "source须为1(公众号)或2(微信小程序)";
}

/// The user id of the referrer. Invalid values are ignored.
pub(super) type SpreadId = Field<SpreadIdKind>;
pub(super) struct SpreadIdKind;

impl Kind for SpreadIdKind {
    type Value = Option<UserId>;
    const REQUIRED: bool = false;

    fn schema() -> MetaSchema {
        MetaSchema {
            description: Some("推广者的用户id,只记录一次;无效的值会被忽略"),
            example: Self::to_json(&Self::example()),
            ..MetaSchema::new_with_format("integer", "int64")
        }
    }

    fn parse(value: Option<Value>) -> Result<Option<UserId>, String> {
        let id = match value {
            Some(Value::Number(number)) => number.as_i64(),
            Some(Value::String(text)) => text.trim().parse().ok(),
            _ => None,
        };
        Ok(id.filter(|id| *id > 0).map(UserId::new))
    }

    fn to_json(value: &Option<UserId>) -> Option<Value> {
        value.map(|id| id.get().into())
    }

    fn example() -> Option<UserId> {
        Some(UserId::new(2))
    }
}
