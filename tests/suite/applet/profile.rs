use serde_json::{Value, json};

use crate::service::Service;

/// The fields of the profile that a user can change.
async fn shown(service: &Service, token: &str) -> Value {
    let info = service.user_info(token).await;
    let info = info.result("获取成功");
    json!({"name": info["name"], "avatar": info["avatar"], "bmi": info["bmi"], "fat": info["fat"]})
}

fn full() -> Value {
    json!({"name": "新昵称", "avatar": "https://example.com/new_avatar.jpg", "bmi": 23.0, "fat": 16.0})
}

#[tokio::test]
async fn absent_keeps_null_clears_and_a_value_replaces() {
    let service = Service::start().await;
    let token = service.log_in("wx_alice").await.token;
    service.update_user_info(&token, full()).await.result("更新成功");
    assert_eq!(shown(&service, &token).await, full());

    for (field, value) in [
        ("name", json!("又一个")),
        ("avatar", json!("http://example.com/a.png")),
        ("bmi", json!(18.5)),
        ("fat", json!(0)),
        ("avatar", Value::Null),
        ("bmi", Value::Null),
        ("fat", Value::Null),
    ] {
        let mut expected = shown(&service, &token).await;
        expected[field] = value.clone();
        service.update_user_info(&token, json!({field: value})).await.result("更新成功");
        let found = shown(&service, &token).await;
        // 0 and 0.0 are the same number.
        assert_eq!(found[field].as_f64(), expected[field].as_f64(), "{field}");
        expected[field] = found[field].clone();
        assert!(found[field].is_null() == value.is_null(), "{field}");
        assert_eq!(found, expected, "{field}");
    }
    let before = service.stored().await;
    service.update_user_info(&token, json!({})).await.result("更新成功");
    assert_eq!(service.stored().await, before);
}

#[tokio::test]
async fn a_form_carries_the_user_info_as_json_text() {
    let service = Service::start().await;
    let token = service.log_in("wx_alice").await.token;
    let info = full().to_string();
    let fields = [("token", token.as_str()), ("userInfo", info.as_str())];
    service.post_form("/applet/login/updateUserInfo", &fields).await.result("更新成功");
    assert_eq!(shown(&service, &token).await, full());
}

#[tokio::test]
async fn what_is_not_the_users_to_change_is_ignored() {
    let service = Service::start().await;
    let alice = service.log_in("wx_alice").await;
    service.bind_phone(&alice.token, "phone_code_here").await.result("绑定成功");
    let before = service.user_info(&alice.token).await.body;

    let info = json!({
        "id": "applet_user_999", "openid": "wx_mallory", "phone": "13900000000", "disabled_at": 1, "unionid": "x",
    });
    service.update_user_info(&alice.token, info).await.result("更新成功");
    service.update_user_info(&alice.token, before["result"].clone()).await.result("更新成功");
    service.update_user_info(&alice.token, json!({"id": null, "openid": 5, "phone": []})).await.result("更新成功");

    assert_eq!(service.user_info(&alice.token).await.body, before);
}

#[tokio::test]
async fn the_ends_of_each_range_belong_to_it() {
    let service = Service::start().await;
    let token = service.log_in("wx_alice").await.token;
    let avatar = |length: usize| format!("https://example.com/{}", "a".repeat(length - 20));
    for info in [
        json!({"name": "甲"}),
        json!({"name": "名".repeat(32)}),
        json!({"name": "😀".repeat(32)}),
        json!({"name": "Robert'); DROP TABLE users;--"}),
        json!({"avatar": avatar(512)}),
        json!({"bmi": 5}),
        json!({"bmi": 100.0}),
        json!({"fat": 0}),
        json!({"fat": 100}),
    ] {
        service.update_user_info(&token, info.clone()).await.result("更新成功");
        let found = shown(&service, &token).await;
        for (field, value) in info.as_object().expect("an object") {
            let same = found[field] == *value || value.is_number() && found[field].as_f64() == value.as_f64();
            assert!(same, "{field}: {found}");
        }
    }
    assert_eq!(service.stored().await.users.len(), 1);
}

#[tokio::test]
async fn what_is_out_of_range_is_refused_and_nothing_is_changed() {
    let service = Service::start().await;
    let token = service.log_in("wx_alice").await.token;
    service.update_user_info(&token, full()).await.result("更新成功");
    let before = service.stored().await;
    let control = "name不能全是空格,也不能含控制字符";
    let url = "avatar必须是http或https网址";

    for (field, value, message) in [
        ("name", Value::Null, "name不能为空"),
        ("name", json!(""), "name不能为空"),
        ("name", json!("名".repeat(33)), "name长度须为1到32个字符"),
        ("name", json!("😀".repeat(33)), "name长度须为1到32个字符"),
        ("name", json!("   \u{3000}"), control),
        ("name", json!("a\nb"), control),
        ("name", json!("a\u{0}b"), control),
        ("name", json!(5), "name必须是字符串"),
        ("name", json!(["a"]), "name必须是字符串"),
        ("avatar", json!(""), "avatar不能为空"),
        ("avatar", json!("javascript:alert(1)"), url),
        ("avatar", json!("data:text/html,x"), url),
        ("avatar", json!("//example.com/a.jpg"), url),
        ("avatar", json!("a.jpg"), url),
        ("avatar", json!("https://"), url),
        ("avatar", json!("https://example.com/a b"), url),
        ("avatar", json!(format!("https://example.com/{}", "a".repeat(493))), "avatar长度须为1到512个字符"),
        ("avatar", json!(5), "avatar必须是字符串"),
        ("bmi", json!(4.99), "bmi须在5到100之间"),
        ("bmi", json!(100.01), "bmi须在5到100之间"),
        ("bmi", json!(-1), "bmi须在5到100之间"),
        ("bmi", json!("22.5"), "bmi必须是数字"),
        ("bmi", json!(true), "bmi必须是数字"),
        ("fat", json!(-0.01), "fat须在0到100之间"),
        ("fat", json!(1e300), "fat须在0到100之间"),
        ("fat", json!({}), "fat必须是数字"),
    ] {
        // What stands beside the mistake is good, and is not written either.
        let mut info = json!({"name": "另一个", "avatar": null, "bmi": 50, "fat": 50});
        info[field] = value;
        service.update_user_info(&token, info.clone()).await.refused(400, message);
        let text = info.to_string();
        let fields = [("token", token.as_str()), ("userInfo", text.as_str())];
        service.post_form("/applet/login/updateUserInfo", &fields).await.refused(400, message);
        assert_eq!(service.stored().await, before, "{field}: {info}");
    }
}
