//! WeChat down, slow, lying or cut off: bounded time, nothing half-written, and recovery by itself.

use std::time::{Duration, Instant};

use futures_util::future::join;
use serde_json::{Value, json};

use crate::service::Service;

const CODE2SESSION: &str = "/sns/jscode2session";
const STABLE_TOKEN: &str = "/cgi-bin/stable_token";
const PHONE_NUMBER: &str = "/wxa/business/getuserphonenumber";

const LOGIN_UNAVAILABLE: &str = "微信登录失败: 微信服务暂时不可用";
const PHONE_UNAVAILABLE: &str = "获取手机号失败: 微信服务暂时不可用";

/// As often as any test calls.
const ALWAYS: u64 = 1_000;

fn faults() -> Vec<(&'static str, Value)> {
    let broken = [
        ("status", json!(500)),
        ("status", json!(502)),
        ("status", json!(404)),
        ("drop", Value::Null),
        ("body", json!("")),
        ("body", json!("<html>busy</html>")),
        ("body", json!("{}")),
        ("body", json!("{\"openid\":\"\",\"session_key\":\"\",\"access_token\":\"\",\"phone_info\":{}}")),
        ("body", json!("{\"openid\":{\"x\":1}}")),
        ("delay", json!(60_000)),
    ];
    // Busy, too often, quota, our own settings, and a number that nobody has documented.
    let refused = [-1, 45_011, 45_009, 40_013, 40_125, 40_164, 48_001, 50_002, 99_999];
    broken.into_iter().chain(refused.map(|errcode| ("errcode", json!(errcode)))).collect()
}

/// The deadline is short, so that the slow ones do not keep anybody waiting.
async fn impatient() -> Service {
    Service::with(&[("PASSPORT_WECHAT__DEADLINE", "2s")]).await
}

#[tokio::test]
async fn a_login_that_wechat_does_not_answer_is_a_503_and_the_next_one_succeeds() {
    let service = impatient().await;
    for (kind, value) in faults() {
        let code = service.mint_login("wx_alice", None).await;
        service.fault(CODE2SESSION, kind, value.clone(), ALWAYS).await;
        let started = Instant::now();

        service.wx_login(&code).await.refused(503, LOGIN_UNAVAILABLE);

        assert!(started.elapsed() < Duration::from_secs(5), "{kind} {value}");
        let stored = service.stored().await;
        assert!(stored.users.is_empty() && stored.limits.is_empty(), "{kind} {value}");
        service.clear_faults().await;
    }
    service.log_in("wx_alice").await;
}

#[tokio::test]
async fn a_phone_number_that_wechat_does_not_tell_is_a_503_and_the_next_one_succeeds() {
    let service = impatient().await;
    let alice = service.log_in("wx_alice").await;
    let before = service.stored().await;
    // First the access token cannot be had; then it can, and the number cannot.
    for path in [STABLE_TOKEN, PHONE_NUMBER] {
        for (kind, value) in faults() {
            service.fault(path, kind, value.clone(), ALWAYS).await;

            let got = service.get_phone_number("phone_code_here");
            let (got, bound) = join(got, service.bind_phone(&alice.token, "phone_code_here")).await;
            got.refused(503, PHONE_UNAVAILABLE);
            bound.refused(503, PHONE_UNAVAILABLE);

            assert_eq!(service.stored().await, before, "{path} {kind} {value}");
            service.clear_faults().await;
        }
        service.get_phone_number("phone_code_here").await.result("获取成功");
    }
    service.bind_phone(&alice.token, "phone_code_here").await.result("绑定成功");
}

#[tokio::test]
async fn what_wechat_says_of_a_code_or_a_person_is_passed_on() {
    let service = Service::start().await;
    for (errcode, code, message) in [
        (40_029, 400, "微信登录失败: code无效"),
        (40_163, 400, "微信登录失败: code无效"),
        (40_226, 403, "微信登录失败: 该微信账号被限制登录"),
    ] {
        service.fault(CODE2SESSION, "errcode", errcode, 1).await;
        service.wx_login("wx_login_code_here").await.refused(code, message);
    }
    for errcode in [40_029, 40_163] {
        service.fault(PHONE_NUMBER, "errcode", errcode, 1).await;
        service.get_phone_number("phone_code_here").await.refused(400, "获取手机号失败: code无效");
    }
    assert!(service.stored().await.users.is_empty());
}

#[tokio::test]
async fn a_busy_moment_and_a_stale_access_token_are_got_over_unnoticed() {
    let service = Service::start().await;
    for errcode in [-1, 45_011] {
        service.fault(CODE2SESSION, "errcode", errcode, 1).await;
        service.wx_login("wx_login_code_here").await.logged_in();
    }
    for errcode in [40_001, 40_014, 42_001] {
        service.fault(PHONE_NUMBER, "errcode", errcode, 1).await;
        service.get_phone_number("phone_code_here").await.result("获取成功");
    }
}

#[tokio::test]
async fn a_number_that_was_issued_to_another_app_is_not_taken() {
    let service = Service::start().await;
    let alice = service.log_in("wx_alice").await;
    let foreign = json!({
        "errcode": 0,
        "phone_info": {
            "phoneNumber": "13800138000", "purePhoneNumber": "13800138000", "countryCode": "86",
            "watermark": {"timestamp": 0, "appid": "wx_another"},
        },
    });
    service.fault(PHONE_NUMBER, "body", foreign.to_string(), 1).await;

    assert!(service.bind_phone(&alice.token, "phone_code_here").await.status >= 400);

    assert_eq!(service.stored().await.users[0].phone, None);
}
