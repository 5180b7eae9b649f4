use serde_json::json;

use crate::service::Service;

const APP_SECRET: &str = "canary-of-the-app-secret";
const ROOT_SECRET: &str = "canary-of-the-root-secret-0123456789";

/// A value that must not leak, with its name.
struct Canary(&'static str, String);

/// Logs in, binds a phone, refreshes and logs out; returns every secret that occurs.
async fn full_session(service: &Service) -> Vec<Canary> {
    let mut canaries =
        vec![Canary("the app secret", APP_SECRET.to_owned()), Canary("the root secret", ROOT_SECRET.to_owned())];
    let code = service.mint_login("wx_openid_of_alice", None).await;
    let login = service.wx_login(&code).await;
    let first = login.logged_in().token;
    canaries.push(Canary("a login code", code));
    canaries.push(Canary("the session key", login.body["result"]["sessionKey"].as_str().expect("a key").to_owned()));
    let phone_code = service.mint_phone("13912345678", None).await;
    service.bind_phone(&first, &phone_code).await.result("绑定成功");
    canaries.push(Canary("a phone code", phone_code));
    service.update_user_info(&first, json!({"bmi": 20})).await.result("更新成功");
    let second = service.refresh(&first).await.text_result("刷新成功");
    service.clock.advance(60);
    let third = service.refresh(&second).await.text_result("刷新成功");
    service.refresh(&first).await.refused(401, "token无效");
    service.check_login(&third).await.refused(401, "token无效");
    service.get(&format!("/applet/login/{third}"), &[("token", &third)]).await.refused(404, "资源不存在");
    let last = service.log_in("wx_openid_of_alice").await.token;
    service.log_out(&last).await.result("退出成功");
    for (name, token) in
        [("the first token", first), ("a refreshed token", second), ("the token of another login", last)]
    {
        let (signed, signature) = token.rsplit_once('.').expect("a signature");
        canaries.push(Canary(name, signed.to_owned()));
        canaries.push(Canary(name, signature.to_owned()));
    }
    canaries
}

async fn with_canaries() -> Service {
    Service::with(&[
        ("PASSPORT_WECHAT__MINI__APPID", "wx_mini_of_ours"),
        ("PASSPORT_WECHAT__MINI__SECRET", APP_SECRET),
        ("PASSPORT_SECRET_KEY", ROOT_SECRET),
    ])
    .await
}

#[tokio::test]
async fn a_dump_of_the_database_holds_nothing_that_can_be_used() {
    let service = with_canaries().await;
    let canaries = full_session(&service).await;

    let dump = format!("{:?}", service.stored().await);

    let holds = |text: &str| dump.contains(text);
    assert!(holds("wx_openid_of_alice") && holds("13912345678"), "this is no dump");
    for Canary(name, secret) in canaries {
        assert!(!holds(&secret), "{name} is in the database: {secret}");
    }
}
