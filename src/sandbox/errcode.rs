/// An error number of WeChat's API
/// (<https://developers.weixin.qq.com/doc/offiaccount/Getting_Started/Global_Return_Code.html>).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Errcode(pub(super) i64);

impl Errcode {
    pub(super) const INVALID_CREDENTIAL: Self = Self(40001);
    pub(super) const INVALID_GRANT_TYPE: Self = Self(40002);
    pub(super) const INVALID_OPENID: Self = Self(40003);
    pub(super) const INVALID_APPID: Self = Self(40013);
    pub(super) const INVALID_CODE: Self = Self(40029);
    pub(super) const INVALID_SECRET: Self = Self(40125);
    pub(super) const CODE_USED: Self = Self(40163);
    pub(super) const TOKEN_MISSING: Self = Self(41001);
    pub(super) const APPID_MISSING: Self = Self(41002);
    pub(super) const SECRET_MISSING: Self = Self(41004);
    pub(super) const CODE_MISSING: Self = Self(41008);
    pub(super) const OPENID_MISSING: Self = Self(41009);
    pub(super) const TOKEN_EXPIRED: Self = Self(42001);
    pub(super) const POST_REQUIRED: Self = Self(43002);
    pub(super) const EMPTY_BODY: Self = Self(44002);
    pub(super) const QUOTA_USED_UP: Self = Self(45009);
    pub(super) const BROKEN_JSON: Self = Self(47001);
    pub(super) const UNAUTHORIZED_API: Self = Self(48001);

    pub(super) fn message(self) -> &'static str {
        match self.0 {
            -1 => "system error",
            40001 => "invalid credential, access_token is invalid or not latest",
            40002 => "invalid grant_type",
            40003 => "invalid openid",
            40013 => "invalid appid",
            40014 => "invalid access_token",
            40029 => "invalid code",
            40125 => "invalid appsecret",
            40163 => "code been used",
            40164 => "invalid ip, not in whitelist",
            40226 => "code blocked",
            41001 => "access_token missing",
            41002 => "appid missing",
            41004 => "appsecret missing",
            41008 => "missing code",
            41009 => "missing openid",
            42001 => "access_token expired",
            42003 => "oauth_code expired",
            43002 => "require POST method",
            44002 => "empty post data",
            45009 => "reach max api daily quota limit",
            45011 => "api minute-quota reach limit, must slower, retry next minute",
            47001 => "data format error",
            48001 => "api unauthorized",
            50002 => "user limited",
            _ => "error",
        }
    }
}
