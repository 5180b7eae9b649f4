//! The security events of every kind, as the log has them. What stands in the snapshots is what an operator searches
//! for.

use insta::assert_snapshot;
use passport::types::UserId;
use sea_orm::{ConnectionTrait, TransactionTrait};
use serde_json::{Value, json};

use crate::{
    captured_log::CapturedLog,
    service::{MINUTE, PASSWORD, Response, Service},
};

const FIELDS: [&str; 7] = ["level", "event", "outcome", "method", "user", "subject", "address"];

const ANNA: &str = "18026740326";
const BERTA: &str = "13800138000";
const NOBODY: &str = "13900139000";

/// One line for each event.
fn table(log: &CapturedLog) -> String {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let line = |event: Value| FIELDS.map(|field| text(&event[field])).join(" | ");
    let lines = log.events("passport::security").into_iter().map(line);
    [FIELDS.join(" | ")].into_iter().chain(lines).collect::<Vec<_>>().join("\n")
}

/// Compares the events with the snapshot of that folder.
macro_rules! assert_events {
    ($folder:literal, $log:expr) => {
        insta::with_settings!({
            snapshot_path => concat!("snapshots/", $folder),
            prepend_module_to_snapshot => false,
            omit_expression => true,
        }, { assert_snapshot!("security_events", table(&$log)) })
    };
}

async fn start() -> Service {
    let quickly = [("PASSPORT_DATABASE__ACQUIRE_TIMEOUT", "1s"), ("PASSPORT_DATABASE__STATEMENT_TIMEOUT", "1s")];
    Service::behind_a_proxy(&quickly).await
}

async fn post(service: &Service, path: &str, fields: Value) -> Response {
    service.post_from("203.0.113.7", path, &fields).await
}

/// Everything that is sent meanwhile cannot write to the users.
async fn while_users_are_locked(service: &Service, sent: impl Future<Output = Response>) {
    let lock = service.database().await.begin().await.expect("a transaction");
    lock.execute_unprepared("UPDATE users SET name = name").await.expect("the lock of the rows, or of the database");
    assert_eq!(sent.await.status, 503);
    lock.rollback().await.expect("released");
}

#[tokio::test]
async fn every_event_of_the_applet_is_logged_with_user_masked_subject_and_address() {
    let log = CapturedLog::start();
    let service = start().await;
    let log_in = async |code: &str| post(&service, "/applet/login/wxLogin", json!({"code": code})).await;
    let bind = async |token: &str, code: &str| {
        post(&service, "/applet/login/bindPhoneNumber", json!({"token": token, "phoneCode": code})).await
    };
    let refresh = async |token: &str| post(&service, "/applet/login/refreshToken", json!({"token": token})).await;

    let token = log_in(&service.mint_login("wx_openid_of_alice", None).await).await.logged_in().token;
    log_in("unknown").await.refused(400, "微信登录失败: code无效");
    for (kind, value, status) in [("errcode", 40_226, 403), ("status", 500, 503)] {
        service.fault("/sns/jscode2session", kind, value, 10).await;
        assert_eq!(log_in("wx_login_code_here").await.status, status);
        service.clear_faults().await;
    }
    let code = service.mint_login("wx_openid_of_alice", None).await;
    while_users_are_locked(&service, log_in(&code)).await;
    bind(&token, &service.mint_phone("13912345678", None).await).await.result("绑定成功");
    bind(&token, "unknown").await.refused(400, "获取手机号失败: code无效");
    let code = service.mint_phone("13912345678", None).await;
    while_users_are_locked(&service, bind(&token, &code)).await;
    let other = log_in(&service.mint_login("wx_openid_of_bob", None).await).await.logged_in().token;
    let taken = bind(&other, &service.mint_phone("13912345678", None).await).await;
    taken.refused(400, "该手机号已被其他用户绑定");
    refresh(&token).await.result("刷新成功");
    service.clock.advance(MINUTE);
    refresh(&token).await.refused(401, "token无效");
    post(&service, "/applet/login/logout", json!({"token": other})).await.result("退出成功");
    assert!(service.admin().await.disable(UserId::new(1)).await.expect("a database"));
    log_in(&service.mint_login("wx_openid_of_alice", None).await).await.refused(403, "账号已被禁用");

    assert_events!("applet", log);
}

#[tokio::test]
async fn every_event_of_the_mall_is_logged_with_user_masked_subject_and_address() {
    let log = CapturedLog::start();
    let service = start().await;
    let send_sms = async |mobile: &str, kind: &str| {
        post(&service, "/users/send_sms", json!({"username": mobile, "type": kind})).await
    };
    let set_password = async |path: &str, mobile: &str, code: &str| {
        post(&service, path, json!({"username": mobile, "password": PASSWORD, "code": code})).await
    };
    let log_in = async |name: &str, password: &str| {
        post(&service, "/users/login", json!({"username": name, "password": password})).await
    };
    let official = async |code: &str, state: &str| {
        post(&service, "/wechat.auth/login", json!({"source": 1, "code": code, "state": state})).await
    };

    send_sms(ANNA, "register").await.data("发送成功");
    send_sms(ANNA, "register").await.failed("短信发送过于频繁,请1分钟后再试");
    send_sms(NOBODY, "password").await.failed("该手机号未注册,请先注册");
    service.fault("/sms", "errcode", 402, 1).await;
    send_sms(BERTA, "register").await.failed("短信服务暂时不可用,请稍后再试");
    set_password("/users/register", NOBODY, "000000").await.failed("验证码错误或已失效,请核对或重新获取");
    let code = service.newest_code(ANNA).await;
    set_password("/users/register", ANNA, &code).await.member("注册成功");
    // Somebody else binds the number before the code is used.
    send_sms(BERTA, "register").await.data("发送成功");
    let code = service.newest_code(BERTA).await;
    let visitor = service.log_in("wx_openid_of_berta").await;
    service.bind_phone(&visitor.token, &service.mint_phone(BERTA, None).await).await.result("绑定成功");
    set_password("/users/register", BERTA, &code).await.failed("该手机号已注册,请直接登录或找回密码");

    log_in(ANNA, PASSWORD).await.member("登录成功");
    log_in("a name, or a password in the wrong field", PASSWORD).await.failed("账号或密码错误");
    for _ in 0..5 {
        log_in(ANNA, "not the password").await.failed("账号或密码错误");
    }
    log_in(ANNA, PASSWORD).await.failed("密码错误次数过多,请15分钟后再试,或找回密码");
    service.wait_for_the_next_code();
    send_sms(ANNA, "password").await.data("发送成功");
    let code = service.newest_code(ANNA).await;
    set_password("/users/forget", NOBODY, "000000").await.failed("验证码错误或已失效,请核对或重新获取");
    set_password("/users/forget", ANNA, &code).await.member("修改密码成功");
    while_users_are_locked(&service, log_in(ANNA, PASSWORD)).await;
    service.wait_for_the_next_code();
    send_sms(BERTA, "password").await.data("发送成功");
    let code = service.newest_code(BERTA).await;
    assert!(service.admin().await.delete(UserId::new(visitor.id)).await.expect("a database"));
    set_password("/users/forget", BERTA, &code).await.failed("该手机号未注册,请先注册");

    let (code, state) = (service.mint_oauth(json!({"openid": "wx_openid_of_clara"})).await, service.state().await);
    official(&code, "unknown").await.failed("state无效或已过期,请重新授权");
    official(&code, &state).await.member("授权成功");
    official("unknown", &service.state().await).await.failed("授权失败: code无效,请重新授权");
    let snapshot = service.mint_oauth(json!({"is_snapshotuser": true})).await;
    let refused = official(&snapshot, &service.state().await).await;
    refused.failed("当前为快照页浏览,请点击“使用完整服务”后再登录");
    let mini = post(&service, "/wechat.auth/login", json!({"source": 2, "code": "wx_login_code_here"})).await;
    mini.member("授权成功");

    assert!(service.admin().await.disable(UserId::new(1)).await.expect("a database"));
    log_in(ANNA, PASSWORD).await.failed("账号已被禁用,请联系客服");
    service.wait_for_the_next_code();
    send_sms(ANNA, "password").await.data("发送成功");
    let code = service.newest_code(ANNA).await;
    set_password("/users/forget", ANNA, &code).await.failed("账号已被禁用,请联系客服");

    assert_events!("mall", log);
}

#[tokio::test]
async fn every_command_of_the_operator_that_changes_something_is_logged() {
    let service = Service::start().await;
    let user = service.log_in("wx_openid_of_alice").await.id;
    let admin = service.admin().await;
    let log = CapturedLog::start();

    admin.show(UserId::new(user)).await.expect("a database");
    admin.disable(UserId::new(user)).await.expect("a database");
    admin.enable(UserId::new(user)).await.expect("a database");
    admin.log_out(UserId::new(user)).await.expect("a database");
    admin.delete(UserId::new(user)).await.expect("a database");
    admin.delete(UserId::new(user)).await.expect("a database");

    assert_events!("admin", log);
}
