use poem_openapi::{Object, types::Example};

use crate::{
    account::{Authenticated, User},
    http::{Field, Nullable},
};

/// 用户信息
#[derive(Object)]
#[oai(rename = "AppletUserInfo", example)]
pub(super) struct UserInfo {
    /// 用户id,形如applet_user_123
    id: String,
    /// 昵称
    name: String,
    /// 用户在本小程序的openid
    openid: String,
    /// 手机号,未绑定时为null;中国大陆号码为11位数字,其他为+国家码加号码
    phone: Nullable<String>,
    /// 头像地址,未设置时为null
    avatar: Nullable<String>,
    /// 身体质量指数,未设置时为null
    bmi: Nullable<f64>,
    /// 体脂率(%),未设置时为null
    fat: Nullable<f64>,
}

impl UserInfo {
    pub(super) fn new(user: User, openid: String) -> Self {
        Self {
            id: format!("applet_user_{}", user.id),
            name: user.name,
            openid,
            phone: Field(user.phone.map(|phone| phone.as_str().to_owned())),
            avatar: Field(user.avatar),
            bmi: Field(user.bmi),
            fat: Field(user.fat),
        }
    }
}

impl From<Authenticated> for UserInfo {
    fn from(authenticated: Authenticated) -> Self {
        Self::new(authenticated.user, authenticated.subject.unwrap_or_default())
    }
}

impl Example for UserInfo {
    fn example() -> Self {
        Self {
            id: "applet_user_123".to_owned(),
            name: "微信用户12345678".to_owned(),
            openid: "wx_openid_123".to_owned(),
            phone: Field(Some("13800138000".to_owned())),
            avatar: Field(Some("https://example.com/avatar.jpg".to_owned())),
            bmi: Field(Some(22.5)),
            fat: Field(Some(15.2)),
        }
    }
}
