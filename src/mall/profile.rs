use std::collections::BTreeMap;

use poem_openapi::{Object, types::Example};

use crate::{
    account::User,
    http::{Field, Nullable},
    types::PlainToken,
};

/// 会员资料,以及刚刚签发或提交的token
#[derive(Object)]
#[oai(rename = "MallUser", example)]
pub(super) struct Profile {
    /// 用户id
    id: i64,
    /// 登录token,40位十六进制数字
    token: String,
    /// 用户名:手机号,或导入用户原来的用户名;没有手机号的微信用户为wx加用户id
    username: String,
    /// 昵称
    nickname: String,
    /// 会员组名称,由积分决定
    group_name: String,
    /// 购物数量
    shop_count: i64,
    /// 生日,Unix时间戳(秒),0表示未知
    birthday: i64,
    /// 性别:0未知,1男,2女
    sex: i32,
    /// 是否可以推广
    is_spread: bool,
    /// 手机号,没有时为空字符串
    mobile: String,
    /// 积分
    point: i64,
    /// 余额(元),两位小数
    amount: String,
    /// 头像地址,未设置时为null
    avatar: Nullable<String>,
    /// 订单数量,按状态统计;新用户为空对象
    order_count: BTreeMap<String, i64>,
}

impl Profile {
    pub(super) fn new(user: User, group_name: String, token: &PlainToken) -> Self {
        let mobile = user.phone.as_ref().map(|phone| phone.as_str().to_owned()).unwrap_or_default();
        let username = match (user.username, mobile.as_str()) {
            (Some(username), _) => username,
            (None, "") => format!("wx{}", user.id),
            (None, mobile) => mobile.to_owned(),
        };
        let order_count = user.order_count.and_then(|counters| serde_json::from_str(&counters).ok());
        Self {
            id: user.id.get(),
            token: token.expose().to_owned(),
            username,
            nickname: user.name,
            group_name,
            shop_count: user.shop_count,
            birthday: user.birthday,
            sex: user.sex.into(),
            is_spread: user.may_promote,
            mobile,
            point: user.points,
            amount: yuan(user.amount_cents),
            avatar: Field(user.avatar),
            order_count: order_count.unwrap_or_default(),
        }
    }
}

/// An amount in yuan with two decimals.
fn yuan(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let cents = cents.unsigned_abs();
    format!("{sign}{}.{:02}", cents / 100, cents % 100)
}

impl Example for Profile {
    fn example() -> Self {
        Self {
            id: 1,
            token: "40a78a658f5b8339085707517e8dc7f9cb6854f4".to_owned(),
            username: "demo".to_owned(),
            nickname: "demo".to_owned(),
            group_name: "钻石会员".to_owned(),
            shop_count: 0,
            birthday: 0,
            sex: 0,
            is_spread: true,
            mobile: "18026740326".to_owned(),
            point: 0,
            amount: yuan(0),
            avatar: Field(None),
            order_count: BTreeMap::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::yuan;

    #[test]
    fn an_amount_has_two_decimals() {
        for (cents, shown) in
            [(0, "0.00"), (5, "0.05"), (123_456_710, "1234567.10"), (-50, "-0.50"), (i64::MAX, "92233720368547758.07")]
        {
            assert_eq!(yuan(cents), shown);
        }
    }
}
