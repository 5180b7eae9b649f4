//! `passport user`, run while the service is running.

use serde_json::json;

use crate::{
    program::{BIND, Finished, LOGIN, Passport, REFRESH, Service},
    service::Response,
};

/// `passport user <action> <id>`, which must succeed.
async fn operate(home: &Passport, action: &str, id: &str) -> Finished {
    let finished = home.run(&["user", action, id]).await;
    assert!(finished.status.success(), "{finished:?}");
    finished
}

#[tokio::test]
async fn an_operator_sees_an_account_with_its_identities_and_live_tokens() {
    let home = Passport::new().set("PASSPORT_WECHAT__MINI__APPID", "wx1");
    let service = home.start().await;
    let code = service.mint("login", json!({"openid": "oSomebody", "unionid": "uSomebody"})).await;
    let person = service.log_in_with(&code).await;
    let fresh = service.user(person.id()).await.expect("an account");
    let second = service.log_in("oSomebody").await;
    let phone_code = service.mint("phone", json!({"phone": "13912345678", "openid": "oSomebody"})).await;
    let bound = service.post(BIND, json!({"token": second.token, "phoneCode": phone_code})).await;
    assert_eq!(bound.verdict(), (200, "绑定成功"));

    let shown = operate(&home, "show", &person.applet_id).await;

    let identities = json!([{"appid": "wx1", "openid": "oSomebody", "unionid": "uSomebody"}]);
    let id: i64 = person.id().parse().expect("a number");
    let expected = |mobile, tokens| json!({"id": id, "mobile": mobile, "status": "active", "spread_id": null, "identities": identities, "live_tokens": tokens});
    assert_eq!(fresh, expected(json!(null), 1));
    let shown: serde_json::Value = serde_json::from_str(&shown.stdout).expect("JSON and nothing else");
    assert_eq!(shown, expected(json!("13912345678"), 2));
}

#[tokio::test]
async fn a_disabled_account_is_refused_at_once_and_an_enabled_one_has_to_log_in_again() {
    let home = Passport::new();
    let service = home.start().await;
    let person = service.log_in("oSomebody").await;
    let other = service.log_in("oSomebodyElse").await;

    operate(&home, "disable", person.id()).await;

    assert_eq!(service.check(&person.token).await.verdict(), (403, "账号已被禁用"));
    assert_eq!(service.post(REFRESH, json!({"token": person.token})).await.verdict(), (403, "账号已被禁用"));
    assert_eq!(log_in_again(&service).await.verdict(), (403, "账号已被禁用"));
    let shown = service.user(person.id()).await.expect("an account");
    assert_eq!((&shown["status"], &shown["live_tokens"]), (&json!("disabled"), &json!(0)));
    assert_eq!(service.check(&other.token).await.verdict(), (200, "登录有效"));

    operate(&home, "enable", person.id()).await;

    assert_eq!(service.check(&person.token).await.verdict(), (401, "token无效"));
    assert_eq!(log_in_again(&service).await.verdict(), (200, "登录成功"));
    assert_eq!(service.user(person.id()).await.expect("an account")["status"], "active");
}

#[tokio::test]
async fn a_deleted_account_is_gone_at_once_and_its_phone_and_identity_are_free() {
    let home = Passport::new();
    let service = home.start().await;
    let person = service.log_in("oSomebody").await;
    let bound = service.post(BIND, json!({"token": person.token, "phoneCode": "phone_code_here"})).await;
    assert_eq!(bound.verdict(), (200, "绑定成功"));

    operate(&home, "delete", person.id()).await;

    assert_eq!(service.check(&person.token).await.verdict(), (404, "用户不存在"));
    assert_eq!(service.user(person.id()).await, None);
    let again = service.log_in("oSomebody").await;
    assert_ne!(again.applet_id, person.applet_id);
    let bound = service.post(BIND, json!({"token": again.token, "phoneCode": "phone_code_here"})).await;
    assert_eq!(bound.verdict(), (200, "绑定成功"));
}

#[tokio::test]
async fn a_logout_by_the_operator_ends_every_token_at_once_and_nothing_else() {
    let home = Passport::new();
    let service = home.start().await;
    let phone_side = service.log_in("oSomebody").await;
    let pad_side = service.log_in("oSomebody").await;

    operate(&home, "logout", &phone_side.applet_id).await;

    for token in [&phone_side.token, &pad_side.token] {
        assert_eq!(service.check(token).await.verdict(), (401, "token无效"));
        assert_eq!(service.post(REFRESH, json!({"token": token})).await.verdict(), (401, "token无效"));
    }
    assert_eq!(log_in_again(&service).await.verdict(), (200, "登录成功"));
}

async fn log_in_again(service: &Service) -> Response {
    let code = service.mint("login", json!({"openid": "oSomebody"})).await;
    service.post(LOGIN, json!({"code": code})).await
}

#[tokio::test]
async fn an_unknown_account_is_one_line_and_a_failure() {
    let home = Passport::new();
    let service = home.start().await;
    service.log_in("oSomebody").await;
    for action in ["show", "disable", "enable", "delete", "logout"] {
        for id in ["4711", "applet_user_4711"] {
            let finished = home.run(&["user", action, id]).await;
            assert_eq!(finished.status.code(), Some(1), "{action} {id}: {finished:?}");
            assert_eq!((finished.stdout.as_str(), finished.stderr.lines().count()), ("", 1), "{finished:?}");
            assert!(finished.stderr.contains("4711"), "{finished:?}");
        }
    }
    for id in ["somebody", "applet_user_", "1; DROP TABLE users", "99999999999999999999"] {
        let finished = home.run(&["user", "show", id]).await;
        assert!(!finished.status.success() && finished.stdout.is_empty(), "{id}: {finished:?}");
    }
}

#[tokio::test]
async fn an_operator_needs_no_running_service_and_starts_none() {
    let home = Passport::new();
    let service = home.start().await;
    let person = service.log_in("oSomebody").await;
    drop(service);

    operate(&home, "disable", person.id()).await;

    let service = home.start().await;
    assert_eq!(service.check(&person.token).await.verdict(), (403, "账号已被禁用"));
}
