use passport::types::UserId;
use std::pin::pin;

use futures_util::future::{Either, join_all, select};

use super::{ANNA, BERTA};
use crate::service::{PASSWORD, Service};

const WRONG: &str = "账号或密码错误";
const ENDED: &str = "登录已失效,请重新登录";
const NEW_PASSWORD: &str = "battery staple 43";

#[tokio::test]
async fn an_unknown_user_and_a_wrong_password_get_the_same_answer() {
    let service = Service::start().await;
    service.register(ANNA).await;
    service.official_member(serde_json::json!({"openid": "o-berta"})).await;
    let before = service.stored().await;

    // A member, nobody, somebody without a password, and names of every kind.
    let names = [ANNA, BERTA, "wx2", "nobody", "' OR '1'='1", "admin'--", "微信用户"];
    let responses = join_all(names.map(|name| service.password_login(name, "not the password"))).await;

    for response in &responses {
        response.failed(WRONG);
        assert_eq!(response.text, responses[0].text);
    }
    let stored = service.stored().await;
    assert_eq!((stored.users, stored.tokens), (before.users, before.tokens));
}

#[tokio::test]
async fn an_imported_user_logs_in_with_the_name_or_with_the_number() {
    let service = Service::start().await;
    let anna = service.register(ANNA).await;
    let berta = service.register(BERTA).await;
    service.write("UPDATE users SET username = 'anna' WHERE id = 1").await;
    // A name that looks like somebody's number is not that number.
    service.write(&format!("UPDATE users SET username = '{ANNA}' WHERE id = 2")).await;

    let by_name = service.password_login("anna", PASSWORD).await.member("登录成功");
    assert_eq!((by_name.id, &by_name.profile["username"]), (anna.id, &"anna".into()));
    assert_eq!(service.password_login(ANNA, PASSWORD).await.member("登录成功").id, anna.id);
    assert_eq!(service.password_login(BERTA, PASSWORD).await.member("登录成功").id, berta.id);
    service.password_login("ANNA ", PASSWORD).await.failed(WRONG);
}

#[tokio::test]
async fn a_new_password_ends_every_token_in_both_dialects() {
    let service = Service::start().await;
    let anna = service.register(ANNA).await;
    let elsewhere = service.password_login(ANNA, PASSWORD).await.member("登录成功");
    // The same user in the mini program.
    service.write("INSERT INTO identities (user_id, provider, app, subject, created_at, updated_at) VALUES (1, 'wechat', 'wxsandboxmini00000', 'wx_anna', 0, 0)").await;
    let applet = service.log_in("wx_anna").await;
    assert_eq!(applet.id, anna.id);
    let berta = service.register(BERTA).await;

    let new = service.forget(ANNA, NEW_PASSWORD).await;

    assert_eq!((new.id, &new.profile), (anna.id, &anna.profile));
    for token in [&anna.token, &elsewhere.token] {
        service.autologin(token).await.not_resumed(ENDED);
    }
    service.check_login(&applet.token).await.refused(401, "token无效");
    service.refresh(&applet.token).await.refused(401, "token无效");
    for token in [&new.token, &berta.token] {
        service.autologin(token).await.resumed();
    }
    service.password_login(ANNA, PASSWORD).await.failed(WRONG);
    service.password_login(ANNA, NEW_PASSWORD).await.member("登录成功");
}

#[tokio::test]
async fn a_hash_is_argon2id_with_the_decided_cost_and_a_salt_of_its_own() {
    let service =
        Service::with(&[("PASSPORT_PASSWORD__MEMORY", "19456"), ("PASSPORT_PASSWORD__ITERATIONS", "2")]).await;
    let defaults: toml::Table = include_str!("../../../passport.example.toml").parse().expect("TOML");
    let password = &defaults["password"];
    assert_eq!((password["memory"].as_integer(), password["iterations"].as_integer()), (Some(19_456), Some(2)));
    service.register(ANNA).await;
    service.register(BERTA).await;

    let stored = service.stored().await;

    let hashes: Vec<&str> = stored.users.iter().filter_map(|user| user.password_hash.as_deref()).collect();
    assert!(hashes.iter().all(|hash| hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$")), "{hashes:?}");
    assert_ne!(hashes[0], hashes[1]);
    assert!(!format!("{stored:?}").contains(PASSWORD));
}

#[tokio::test]
async fn a_hash_of_older_parameters_is_made_anew_at_the_next_login() {
    let service = Service::start().await;
    let anna = service.register(ANNA).await;
    let hash = async |service: &Service| service.stored().await.users[0].password_hash.clone().expect("a hash");
    let old = hash(&service).await;
    assert!(old.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{old}");

    let service = service.restart_with(&[("PASSPORT_PASSWORD__ITERATIONS", "2")]).await;
    service.password_login(ANNA, "not the password").await.failed(WRONG);
    assert_eq!(hash(&service).await, old, "a wrong password changes nothing");
    service.password_login(ANNA, PASSWORD).await.member("登录成功");

    let new = hash(&service).await;
    assert!(new.starts_with("$argon2id$v=19$m=64,t=2,p=1$"), "{new}");
    service.password_login(ANNA, PASSWORD).await.member("登录成功");
    assert_eq!(hash(&service).await, new, "once");
    service.autologin(&anna.token).await.resumed();
}

#[tokio::test]
async fn a_disabled_member_is_shut_out_and_only_who_knows_the_password_learns_it() {
    let service = Service::start().await;
    let anna = service.register(ANNA).await;
    let admin = service.admin().await;
    assert!(admin.disable(UserId::new(anna.id)).await.expect("a database"));
    let shut = "账号已被禁用,请联系客服";

    service.autologin(&anna.token).await.not_resumed(shut);
    service.password_login(ANNA, PASSWORD).await.failed(shut);
    service.password_login(ANNA, "not the password").await.failed(WRONG);
    let code = service.sms_code(ANNA, "password").await;
    service.forget_with(ANNA, NEW_PASSWORD, &code).await.failed(shut);
    assert_eq!(service.stored().await.live_tokens().len(), 0);

    assert!(admin.enable(UserId::new(anna.id)).await.expect("a database"));
    service.autologin(&anna.token).await.not_resumed(ENDED);
    service.password_login(ANNA, PASSWORD).await.member("登录成功");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_logins_is_shed_and_tokens_are_still_checked() {
    // One hash of the usual cost at a time, and one that waits.
    let service = Service::with(&[
        ("PASSPORT_PASSWORD__MEMORY", "19456"),
        ("PASSPORT_PASSWORD__ITERATIONS", "2"),
        ("PASSPORT_PASSWORD__THREADS", "1"),
        ("PASSPORT_PASSWORD__QUEUE", "1"),
    ])
    .await;
    let anna = service.register(ANNA).await;
    let visitor = service.official_member(serde_json::json!({"openid": "o-berta"})).await;

    // A wrong password, nobody, and somebody without a password: all cost a place.
    let names = [ANNA, BERTA, "nobody", "wx2", "13900139000", "13900139001"];
    let flood = pin!(join_all(names.map(|name| service.password_login(name, "not the password"))));
    let checks = pin!(async {
        while !service.stored().await.limits.iter().any(|limit| limit.subject.starts_with("password_address:")) {
            tokio::task::yield_now().await;
        }
        service.autologin(&anna.token).await.resumed();
        service.autologin(&visitor.token).await.resumed();
    });
    let Either::Right(((), flood)) = select(flood, checks).await else { panic!("the tokens waited for the hashes") };
    let responses = flood.await;

    let (shed, wrong): (Vec<_>, Vec<_>) = responses.iter().partition(|response| response.status == 503);
    assert_eq!((shed.len(), wrong.len()), (4, 2));
    for response in shed {
        response.failed_with(503, "服务繁忙,请稍后再试");
        assert_eq!(response.retry_after(), Some(5));
    }
    for response in wrong {
        response.failed(WRONG);
    }
    let limits = service.stored().await.limits;
    let address = limits.iter().find(|limit| limit.subject.starts_with("password_address:")).expect("a count");
    assert_eq!(address.count, 2, "what was not looked at does not count as wrong");
}
