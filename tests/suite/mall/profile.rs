use serde_json::json;

use super::ANNA;
use crate::service::Service;

#[tokio::test]
async fn a_new_member_has_all_fourteen_fields() {
    let service = Service::start().await;
    let anna = service.register(ANNA).await;

    let expected = json!({
        "id": 1, "token": anna.token, "username": ANNA, "nickname": "180****0326", "group_name": "普通会员",
        "shop_count": 0, "birthday": 0, "sex": 0, "is_spread": true, "mobile": ANNA, "point": 0, "amount": "0.00",
        "avatar": null, "order_count": {},
    });

    let response = service.autologin(&anna.token).await;
    assert_eq!(response.resumed(), &expected);
    let order = |value: &serde_json::Value| value.as_object().expect("fields").keys().cloned().collect::<Vec<_>>();
    assert_eq!(order(response.resumed()), order(&expected), "in the documented order");
}

#[tokio::test]
async fn a_wechat_user_without_a_phone_has_a_name_made_of_the_id() {
    let service = Service::start().await;
    let user = service.mini_login("wx_login_code_here", None).await.member("授权成功");
    assert_eq!((&user.profile["username"], &user.profile["mobile"]), (&json!("wx1"), &json!("")));
    let nickname = user.profile["nickname"].as_str().expect("a name");
    let digits = nickname.strip_prefix("微信用户").expect("the usual name");
    assert!(digits.len() == 8 && digits.bytes().all(|byte| byte.is_ascii_digit()), "{nickname}");
}

#[tokio::test]
async fn what_other_modules_keep_is_shown_as_it_is() {
    let service = Service::start().await;
    let anna = service.register(ANNA).await;
    service
        .write(
            "UPDATE users SET name = '安娜', username = 'anna', avatar = 'https://img.example/a.jpg', sex = 2, \
             birthday = 946656000, points = 1000, amount_cents = 123456705, shop_count = 7, may_promote = false, \
             order_count = '{\"unpaid\":1,\"shipped\":2}'",
        )
        .await;

    let response = service.autologin(&anna.token).await;

    assert_eq!(
        response.resumed(),
        &json!({
            "id": 1, "token": anna.token, "username": "anna", "nickname": "安娜", "group_name": "银卡会员",
            "shop_count": 7, "birthday": 946_656_000, "sex": 2, "is_spread": false, "mobile": ANNA, "point": 1000,
            "amount": "1234567.05", "avatar": "https://img.example/a.jpg", "order_count": {"unpaid": 1, "shipped": 2},
        })
    );
}

#[tokio::test]
async fn the_points_choose_the_group() {
    let service = Service::start().await;
    let anna = service.register(ANNA).await;
    for (points, group) in [
        (999, "普通会员"),
        (1_000, "银卡会员"),
        (5_000, "金卡会员"),
        (20_000, "铂金会员"),
        (49_999, "铂金会员"),
        (50_000, "钻石会员"),
        (i64::MAX, "钻石会员"),
    ] {
        service.write(&format!("UPDATE users SET points = {points}")).await;
        assert_eq!(service.autologin(&anna.token).await.resumed()["group_name"], group, "{points}");
    }
    service.write("UPDATE member_groups SET name = '至尊会员', min_points = 60000 WHERE name = '钻石会员'").await;
    assert_eq!(service.autologin(&anna.token).await.resumed()["group_name"], "至尊会员");
}

#[tokio::test]
async fn counters_that_nobody_understands_are_none() {
    let service = Service::start().await;
    let anna = service.register(ANNA).await;
    for broken in ["", "{", "[]", "{\"unpaid\":\"many\"}", "null"] {
        service.write(&format!("UPDATE users SET order_count = '{broken}'")).await;
        assert_eq!(service.autologin(&anna.token).await.resumed()["order_count"], json!({}), "{broken}");
    }
}

#[tokio::test]
async fn a_page_is_told_what_the_settings_say() {
    let service = Service::with(&[
        ("PASSPORT_MALL__TITLE", "我的商城"),
        ("PASSPORT_MALL__CTITLE", "我的公司"),
        ("PASSPORT_MALL__SPLIT", "2"),
    ])
    .await;
    for page in ["/users/login", "/users/register", "/users/forget"] {
        let expected = json!({"title": "我的商城", "ctitle": "我的公司", "split": 2});
        assert_eq!(service.get(page, &[]).await.data("ok"), &expected);
        let wrong = service.send(service.request(reqwest::Method::PUT, page)).await;
        wrong.failed_with(405, "请求方法不支持");
        assert_eq!(wrong.header("allow"), Some("GET, POST, HEAD"));
    }
}
