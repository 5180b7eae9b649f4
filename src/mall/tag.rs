use poem_openapi::Tags;

#[derive(Tags)]
pub(super) enum Tag {
    /// 登录、注册和找回密码页面的首次请求。
    #[oai(rename = "商城页面")]
    Pages,
    /// 用手机号和密码登录、注册、找回密码,以及短信验证码和自动登录。
    #[oai(rename = "商城登录和注册")]
    Members,
    /// 公众号网页授权登录和微信小程序登录。
    #[oai(rename = "商城微信登录")]
    Wechat,
    /// 原文档之外的扩展接口。
    #[oai(rename = "extension")]
    Extension,
}
