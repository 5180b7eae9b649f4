use std::collections::BTreeSet;

use entity::{identity, user};
use futures_util::future::join_all;
use sea_orm::{ActiveModelTrait, ActiveValue::Set};
use serde_json::Value;

use crate::service::{START, Service};

const CODE2SESSION: &str = "/sns/jscode2session";

#[tokio::test]
async fn the_first_login_makes_a_user_and_the_next_one_finds_them() {
    let service = Service::start().await;

    let first = service.log_in("wx_alice").await;
    let code = service.mint_login("wx_alice", None).await;
    let again = service.post_form("/applet/login/wxLogin", &[("code", &code)]).await.logged_in();

    let digits = first.user_info["name"].as_str().and_then(|name| name.strip_prefix("微信用户")).expect("a name");
    assert!(digits.len() == 8 && digits.bytes().all(|byte| byte.is_ascii_digit()), "{digits}");
    assert_eq!(first.user_info["openid"], "wx_alice");
    for field in ["phone", "avatar", "bmi", "fat"] {
        assert_eq!(first.user_info[field], Value::Null, "{field}");
    }
    assert_eq!(again.user_info, first.user_info);
    assert_ne!(again.token, first.token);
    let stored = service.stored().await;
    assert_eq!((stored.users.len(), stored.identities.len(), stored.sessions.len()), (1, 1, 2));
}

#[tokio::test]
async fn a_code_works_once_and_an_unknown_or_old_one_never() {
    let service = Service::start().await;
    let used = service.mint_login("wx_alice", None).await;
    service.wx_login(&used).await.logged_in();
    let old = service.mint_login("wx_alice", None).await;
    service.clock.advance(300);
    let phone_code = service.mint_phone("13800138000", None).await;

    for code in [&used, &old, &phone_code, "unknown"] {
        service.wx_login(code).await.refused(400, "微信登录失败: code无效");
    }
    assert_eq!(service.stored().await.sessions.len(), 1);
}

#[tokio::test]
async fn what_is_kept_outlives_a_restart() {
    let service = Service::start().await;
    let alice = service.log_in("wx_alice").await;

    let service = service.restart().await;

    assert_eq!(*service.check_login(&alice.token).await.result("登录有效"), alice.user_info);
    assert_eq!(service.log_in("wx_alice").await.id, alice.id);
}

#[tokio::test]
async fn a_unionid_joins_a_new_identity_to_the_user_who_has_it() {
    let service = Service::start().await;
    let db = service.database().await;
    let known = user::ActiveModel {
        name: Set("从公众号来的".to_owned()),
        unionid: Set(Some("union_1".to_owned())),
        created_at: Set(START),
        updated_at: Set(START),
        ..Default::default()
    };
    let known = known.insert(&db).await.expect("a user");
    let elsewhere = identity::ActiveModel {
        user_id: Set(known.id),
        provider: Set("wechat".to_owned()),
        app: Set("wx_official".to_owned()),
        subject: Set("official_alice".to_owned()),
        union: Set(Some("union_1".to_owned())),
        created_at: Set(START),
        updated_at: Set(START),
        ..Default::default()
    };
    elsewhere.insert(&db).await.expect("an identity");

    let code = service.mint_login("wx_alice", Some("union_1")).await;
    let alice = service.wx_login(&code).await.logged_in();
    let stranger = service.log_in("wx_stranger").await;

    assert_eq!((alice.id, &alice.user_info["name"]), (known.id, &Value::from("从公众号来的")));
    assert_eq!(alice.user_info["openid"], "wx_alice");
    assert_ne!(stranger.id, known.id);
    assert_eq!(service.stored().await.users.len(), 2);
}

#[tokio::test]
async fn users_who_exist_already_are_never_merged() {
    let service = Service::start().await;
    let code = service.mint_login("wx_alice", Some("union_1")).await;
    let alice = service.wx_login(&code).await.logged_in();
    let bob = service.log_in("wx_bob").await;

    let code = service.mint_login("wx_bob", Some("union_1")).await;
    let bob_again = service.wx_login(&code).await.logged_in();

    assert_eq!(bob_again.id, bob.id);
    let unionids: Vec<(i64, Option<String>)> =
        service.stored().await.users.into_iter().map(|user| (user.id, user.unionid)).collect();
    assert_eq!(unionids, [(alice.id, Some("union_1".to_owned())), (bob.id, None)]);
}

#[tokio::test]
async fn a_unionid_that_comes_late_is_the_users_from_then_on() {
    let service = Service::start().await;
    let alice = service.log_in("wx_alice").await;
    let code = service.mint_login("wx_alice", Some("union_1")).await;
    service.wx_login(&code).await.logged_in();

    let code = service.mint_login("wx_alice_elsewhere", Some("union_1")).await;

    assert_eq!(service.wx_login(&code).await.logged_in().id, alice.id);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_first_logins_of_one_person_at_once_make_one_user() {
    let service = Service::start().await;
    let codes = join_all((0..100).map(|_| service.mint_login("wx_alice", Some("union_1")))).await;

    let logins = join_all(codes.iter().map(|code| service.wx_login(code))).await;

    let logins: Vec<_> = logins.iter().map(|response| response.logged_in()).collect();
    assert_eq!(logins.iter().map(|login| login.id).collect::<BTreeSet<_>>().len(), 1);
    assert_eq!(logins.iter().map(|login| &login.token).collect::<BTreeSet<_>>().len(), 100);
    let stored = service.stored().await;
    assert_eq!((stored.users.len(), stored.identities.len(), stored.live_tokens().len()), (1, 1, 100));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_code_sent_many_times_at_once_is_one_call_to_wechat_and_each_gets_a_token() {
    let service = Service::start().await;
    let code = service.mint_login("wx_alice", None).await;
    // Long enough for every request to arrive while WeChat works on the first.
    service.fault(CODE2SESSION, "delay", 2_000, 1).await;

    let logins = join_all((0..50).map(|_| service.wx_login(&code))).await;

    let tokens: BTreeSet<String> = logins.iter().map(|response| response.logged_in().token).collect();
    assert_eq!(tokens.len(), 50);
    assert_eq!(service.calls(CODE2SESSION).await, 1);
    assert_eq!(service.stored().await.users.len(), 1);
}

#[tokio::test]
async fn the_session_key_can_be_kept_from_the_client() {
    let service = Service::start().await;
    assert_eq!(service.wx_login("wx_login_code_here").await.result("登录成功")["sessionKey"], "session_key_123");

    let service = Service::with(&[("PASSPORT_APPLET__EXPOSE_SESSION_KEY", "false")]).await;
    assert_eq!(service.wx_login("wx_login_code_here").await.result("登录成功")["sessionKey"], "");
}

#[tokio::test]
async fn an_old_wrapper_can_have_every_failure_as_http_200() {
    let service = Service::with(&[("PASSPORT_APPLET__HTTP_STATUS", "always_ok")]).await;
    let token = service.log_in("wx_alice").await.token;
    service.check_login(&token).await.result("登录有效");

    service.wx_login("unknown").await.refused(400, "微信登录失败: code无效");
    service.check_login("forged").await.refused(401, "token无效");
    service.get("/applet/login/nothing", &[]).await.refused(404, "资源不存在");
    service.get("/applet/login/wxLogin", &[]).await.refused(405, "请求方法不支持");
    service.fault(CODE2SESSION, "status", 500, 2).await;
    service.wx_login("wx_login_code_here").await.refused(503, "微信登录失败: 微信服务暂时不可用");
}
