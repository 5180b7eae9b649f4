/// A path of an upstream that the sandbox mocks.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum MockPath {
    Code2Session,
    Token,
    StableToken,
    PhoneNumber,
    OAuthToken,
    UserInfo,
    Authorize,
    Sms,
}

impl MockPath {
    pub(super) const WECHAT: [Self; 7] = [
        Self::Code2Session,
        Self::Token,
        Self::StableToken,
        Self::PhoneNumber,
        Self::OAuthToken,
        Self::UserInfo,
        Self::Authorize,
    ];

    pub(super) fn all() -> impl Iterator<Item = Self> {
        Self::WECHAT.into_iter().chain([Self::Sms])
    }

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Code2Session => "/sns/jscode2session",
            Self::Token => "/cgi-bin/token",
            Self::StableToken => "/cgi-bin/stable_token",
            Self::PhoneNumber => "/wxa/business/getuserphonenumber",
            Self::OAuthToken => "/sns/oauth2/access_token",
            Self::UserInfo => "/sns/userinfo",
            Self::Authorize => "/connect/oauth2/authorize",
            Self::Sms => "/sms",
        }
    }

    /// What the path is for, as the page shows it.
    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::Code2Session => "小程序登录",
            Self::Token => "接口凭证",
            Self::StableToken => "稳定版接口凭证",
            Self::PhoneNumber => "手机号",
            Self::OAuthToken => "网页授权凭证",
            Self::UserInfo => "网页授权用户信息",
            Self::Authorize => "授权页面",
            Self::Sms => "发送短信",
        }
    }

    pub(super) fn parse(path: &str) -> Option<Self> {
        Self::all().find(|known| known.as_str() == path)
    }
}
