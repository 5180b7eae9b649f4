//! The fields of requests.

use crate::http::{Number, NumberRule, Pattern, Text, TextRule, VISIBLE_ASCII, pattern};

/// At least one visible character, and no control characters.
static PRINTABLE: Pattern =
    Pattern::new(|| pattern("^[^\\x00-\\x1F\\x7F]*[^\\x00-\\x20\\x7F\\u00A0\\u3000][^\\x00-\\x1F\\x7F]*$"));
static HTTP_URL: Pattern = Pattern::new(|| pattern("^[Hh][Tt][Tt][Pp][Ss]?://[^\\s\\x00-\\x1F\\x7F]+$"));

/// A code of `wx.login()`.
pub(super) type LoginCode = Text<LoginCodeRule>;
pub(super) struct LoginCodeRule;

impl TextRule for LoginCodeRule {
    const NAME: &'static str = "code";
    const DESCRIPTION: &'static str = "微信登录code,由wx.login()取得,5分钟内有效,只能用一次";
    const EXAMPLE: &'static str = "wx_login_code_here";
    const MAX: usize = 256;
    const MISMATCH: &'static str = "code格式不正确";
    const PATTERN: Option<&'static Pattern> = Some(&VISIBLE_ASCII);
}

/// A code of the phone number button, in a field named `code`.
pub(super) type PhoneCode = Text<PhoneCodeRule>;
pub(super) struct PhoneCodeRule;

impl TextRule for PhoneCodeRule {
    const NAME: &'static str = "code";
    const DESCRIPTION: &'static str =
        "手机号获取code,由手机号按钮的回调取得,5分钟内有效,只能用一次;不是wx.login()的code";
    const EXAMPLE: &'static str = "phone_code_here";
    const MAX: usize = 256;
    const MISMATCH: &'static str = "code格式不正确";
    const PATTERN: Option<&'static Pattern> = Some(&VISIBLE_ASCII);
}

/// A code of the phone number button, in a field named `phoneCode`.
pub(super) type BindPhoneCode = Text<BindPhoneCodeRule>;
pub(super) struct BindPhoneCodeRule;

impl TextRule for BindPhoneCodeRule {
    const NAME: &'static str = "phoneCode";
    const DESCRIPTION: &'static str = PhoneCodeRule::DESCRIPTION;
    const EXAMPLE: &'static str = PhoneCodeRule::EXAMPLE;
    const MAX: usize = 256;
    const MISMATCH: &'static str = "phoneCode格式不正确";
    const PATTERN: Option<&'static Pattern> = Some(&VISIBLE_ASCII);
}

pub(super) type Name = Text<NameRule>;
pub(super) struct NameRule;

impl TextRule for NameRule {
    const NAME: &'static str = "name";
    const DESCRIPTION: &'static str = "昵称,1到32个字符,不能全是空格,不能含控制字符";
    const EXAMPLE: &'static str = "新昵称";
    const MAX: usize = 32;
    const MISMATCH: &'static str = "name不能全是空格,也不能含控制字符";
    const PATTERN: Option<&'static Pattern> = Some(&PRINTABLE);
}

pub(super) type Avatar = Text<AvatarRule>;
pub(super) struct AvatarRule;

impl TextRule for AvatarRule {
    const NAME: &'static str = "avatar";
    const DESCRIPTION: &'static str = "头像地址,http或https网址,最多512个字符;null表示清除";
    const EXAMPLE: &'static str = "https://example.com/new_avatar.jpg";
    const MAX: usize = 512;
    const URL: bool = true;
    const MISMATCH: &'static str = "avatar必须是http或https网址";
    const PATTERN: Option<&'static Pattern> = Some(&HTTP_URL);
}

pub(super) type Bmi = Number<BmiRule>;
pub(super) struct BmiRule;

impl NumberRule for BmiRule {
    const NAME: &'static str = "bmi";
    const DESCRIPTION: &'static str = "身体质量指数,5到100;null表示清除";
    const EXAMPLE: f64 = 23.0;
    const MIN: f64 = 5.0;
    const MAX: f64 = 100.0;
}

pub(super) type Fat = Number<FatRule>;
pub(super) struct FatRule;

impl NumberRule for FatRule {
    const NAME: &'static str = "fat";
    const DESCRIPTION: &'static str = "体脂率(%),0到100;null表示清除";
    const EXAMPLE: f64 = 16.0;
    const MIN: f64 = 0.0;
    const MAX: f64 = 100.0;
}
