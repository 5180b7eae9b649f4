use poem_openapi::Tags;

#[derive(Tags)]
pub(super) enum Tag {
    /// 用wx.login()取得的code换取token,刷新、检查和注销登录状态。
    #[oai(rename = "小程序登录")]
    Login,
    /// 用手机号获取code取得手机号,或绑定到用户。
    #[oai(rename = "小程序手机号")]
    Phone,
    /// 读取和修改用户信息。
    #[oai(rename = "小程序用户信息")]
    Profile,
}
