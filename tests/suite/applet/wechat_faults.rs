//! WeChat down, slow, busy, lying or cut off: a clear response in time, nothing half-written, and the next request
//! succeeds.

use std::time::{Duration, Instant};

use futures_util::future::{join, join3};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpSocket};

use crate::{captured_log::CapturedLog, service::Service};

const CODE2SESSION: &str = "/sns/jscode2session";
const STABLE_TOKEN: &str = "/cgi-bin/stable_token";
const PHONE_NUMBER: &str = "/wxa/business/getuserphonenumber";

const LOGIN_UNAVAILABLE: &str = "微信登录失败: 微信服务暂时不可用";
const PHONE_UNAVAILABLE: &str = "获取手机号失败: 微信服务暂时不可用";

/// How long a client waits at most, whatever WeChat does.
const DEADLINE: Duration = Duration::from_secs(8);

/// As often as any test calls.
const ALWAYS: u64 = 1_000;

/// The ways in which WeChat fails that are neither the client's fault nor the user's.
fn faults() -> Vec<(&'static str, Value)> {
    let bodies = [
        "",
        "garbage",
        "<html>busy</html>",
        "{}",
        "[]",
        "null",
        r#"{"openid":{"x":1}}"#,
        r#"{"openid":7,"session_key":[],"access_token":{},"expires_in":"soon","phone_info":"none"}"#,
        r#"{"openid":"","session_key":"","access_token":"","expires_in":0,"phone_info":{}}"#,
        r#"{"openid":"oHalf","session_key":"half","access_token":"half","phone_info":{"#,
        &format!(r#"{{"errcode":0,"filler":"{}"}}"#, "x".repeat(60 * 1024)),
    ]
    .map(|body| ("body", json!(body)));
    let statuses = [500, 502, 404, 302].map(|status| ("status", json!(status)));
    // Busy, too often, quota, our own settings, a stale access token, and a number that nobody has documented.
    let errcodes = [-1, 45_011, 45_009, 40_013, 40_125, 40_164, 48_001, 50_002, 40_001, 99_999];
    let errcodes = errcodes.map(|errcode| ("errcode", json!(errcode)));
    let others = [("drop", Value::Null), ("delay", json!(60_000))];
    bodies.into_iter().chain(statuses).chain(errcodes).chain(others).collect()
}

/// The deadline is short, so that the slow ones do not keep anybody waiting.
async fn impatient() -> Service {
    Service::with(&[("PASSPORT_WECHAT__DEADLINE", "1s")]).await
}

#[tokio::test]
async fn a_login_that_wechat_fails_makes_nobody_and_succeeds_with_the_same_code_afterwards() {
    let service = impatient().await;
    for (number, (kind, value)) in (1..).zip(faults()) {
        let code = service.mint_login(&format!("wx_{number}"), None).await;
        let before = service.stored().await;
        service.fault(CODE2SESSION, kind, value.clone(), ALWAYS).await;
        let started = Instant::now();

        service.wx_login(&code).await.refused(503, LOGIN_UNAVAILABLE);

        assert!(started.elapsed() < DEADLINE, "{kind} {value}");
        assert_eq!(service.stored().await, before, "{kind} {value}");
        service.clear_faults().await;
        assert_eq!(service.wx_login(&code).await.logged_in().id, number, "{kind} {value}");
    }
}

#[tokio::test]
async fn a_phone_number_that_wechat_does_not_tell_binds_nothing_and_the_same_code_binds_it_afterwards() {
    let service = impatient().await;
    let alice = service.log_in("wx_alice").await;
    // First the access token cannot be had; then it can, and the number cannot.
    for path in [STABLE_TOKEN, PHONE_NUMBER] {
        for (number, (kind, value)) in faults().into_iter().enumerate() {
            let code = service.mint_phone(&format!("139000000{number:02}"), Some("wx_alice")).await;
            let before = service.stored().await;
            service.fault(path, kind, value.clone(), ALWAYS).await;
            if path == STABLE_TOKEN {
                // The token that is kept is refused, so that a new one is asked for.
                service.fault(PHONE_NUMBER, "errcode", 40_001, 2).await;
            }

            let (told, bound) = join(service.get_phone_number(&code), service.bind_phone(&alice.token, &code)).await;

            told.refused(503, PHONE_UNAVAILABLE);
            bound.refused(503, PHONE_UNAVAILABLE);
            assert_eq!(service.stored().await, before, "{path} {kind} {value}");
            service.clear_faults().await;
            service.bind_phone(&alice.token, &code).await.result("绑定成功");
        }
    }
}

#[tokio::test]
async fn what_wechat_says_of_a_code_or_a_person_is_passed_on_and_what_it_says_of_an_access_token_is_not() {
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
    for errcode in [40_029, 40_163, 40_226] {
        service.fault(PHONE_NUMBER, "errcode", 40_001, 1).await;
        service.fault(STABLE_TOKEN, "errcode", errcode, ALWAYS).await;
        service.get_phone_number("phone_code_here").await.refused(503, PHONE_UNAVAILABLE);
        service.clear_faults().await;
    }
    assert!(service.stored().await.users.is_empty());
}

#[tokio::test]
async fn what_succeeds_at_the_second_try_is_not_noticed_by_the_client() {
    let service = Service::start().await;
    for errcode in [-1, 45_011] {
        service.fault(CODE2SESSION, "errcode", errcode, 1).await;
        service.wx_login("wx_login_code_here").await.logged_in();
        service.fault(PHONE_NUMBER, "errcode", errcode, 1).await;
        service.get_phone_number("phone_code_here").await.result("获取成功");
    }
    for errcode in [40_001, 40_014, 42_001] {
        let (tokens, phones) = (service.calls(STABLE_TOKEN).await, service.calls(PHONE_NUMBER).await);
        service.fault(PHONE_NUMBER, "errcode", errcode, 1).await;
        service.get_phone_number("phone_code_here").await.result("获取成功");
        let calls = (service.calls(STABLE_TOKEN).await - tokens, service.calls(PHONE_NUMBER).await - phones);
        assert_eq!(calls, (1, 2), "{errcode}: the token is renewed once and the call repeated once");
    }
    for (kind, value) in [("drop", Value::Null), ("status", json!(500)), ("body", json!("garbage"))] {
        service.fault(PHONE_NUMBER, "errcode", 40_001, 1).await;
        service.fault(STABLE_TOKEN, kind, value, 1).await;
        service.get_phone_number("phone_code_here").await.result("获取成功");
    }
}

#[tokio::test]
async fn a_call_that_spends_a_code_is_not_repeated_when_its_answer_was_lost() {
    let service = Service::start().await;
    for (kind, value) in [("drop", Value::Null), ("status", json!(500)), ("body", json!("garbage"))] {
        let before = service.calls(CODE2SESSION).await;
        service.fault(CODE2SESSION, kind, value, 1).await;
        service.wx_login("wx_login_code_here").await.refused(503, LOGIN_UNAVAILABLE);
        assert_eq!(service.calls(CODE2SESSION).await - before, 1, "{kind}");
    }
}

#[tokio::test]
async fn a_client_waits_eight_seconds_at_most_however_long_wechat_takes() {
    let (service, without_token) = join(Service::start(), Service::start()).await;
    let alice = service.log_in("wx_alice").await;
    service.get_phone_number("phone_code_here").await.result("获取成功");
    for path in [CODE2SESSION, PHONE_NUMBER] {
        service.fault(path, "delay", 20_000, ALWAYS).await;
    }
    without_token.fault(STABLE_TOKEN, "delay", 20_000, ALWAYS).await;

    let slow = join3(
        service.wx_login("wx_login_code_here"),
        service.bind_phone(&alice.token, "phone_code_here"),
        without_token.get_phone_number("phone_code_here"),
    );
    let (login, bound, told) = tokio::time::timeout(DEADLINE, slow).await.expect("responses within the deadline");

    login.refused(503, LOGIN_UNAVAILABLE);
    bound.refused(503, PHONE_UNAVAILABLE);
    told.refused(503, PHONE_UNAVAILABLE);
}

#[tokio::test]
async fn a_wechat_that_cannot_be_reached_is_reported_at_once() {
    // Bound, but not listening: the port is ours and refuses.
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind("127.0.0.1:0".parse().expect("an address")).expect("a free port");
    let nowhere = format!("http://{}", socket.local_addr().expect("an address"));
    let service = Service::with(&[("PASSPORT_WECHAT__API_BASE", &nowhere)]).await;
    let started = Instant::now();

    service.wx_login("wx_login_code_here").await.refused(503, LOGIN_UNAVAILABLE);
    service.get_phone_number("phone_code_here").await.refused(503, PHONE_UNAVAILABLE);

    assert!(started.elapsed() < DEADLINE / 2, "{:?}", started.elapsed());
}

#[tokio::test]
async fn an_endless_body_is_not_read_to_its_end() {
    // The sandbox's own faults are shorter than what the service reads at most.
    let filler = format!(r#"{{"openid":"oSomebody","session_key":"key","filler":"{}"}}"#, "x".repeat(200 * 1024));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let acceptor = poem::listener::TcpAcceptor::from_tokio(listener).expect("an acceptor");
    tokio::spawn(poem::Server::new_with_acceptor(acceptor).run(poem::endpoint::make_sync(move |_| filler.clone())));
    let service = Service::with(&[("PASSPORT_WECHAT__API_BASE", &base)]).await;

    service.wx_login("wx_login_code_here").await.refused(503, LOGIN_UNAVAILABLE);
    service.get_phone_number("phone_code_here").await.refused(503, PHONE_UNAVAILABLE);

    assert!(service.stored().await.users.is_empty());
}

#[tokio::test]
async fn a_fault_of_the_configuration_is_an_error_in_the_log() {
    let log = CapturedLog::start();
    let service = Service::start().await;
    for errcode in [40_013, 40_125, 45_009] {
        service.fault(CODE2SESSION, "errcode", errcode, 1).await;
        service.wx_login("wx_login_code_here").await.refused(503, LOGIN_UNAVAILABLE);
        let text = log.text();
        let line = text.lines().find(|line| line.contains(&format!("errcode={errcode}"))).expect("a line");
        assert!(line.contains(" ERROR "), "{line}");
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

    let refused = service.bind_phone(&alice.token, "phone_code_here").await;
    refused.refused(400, "获取手机号失败: code无效");

    assert_eq!(service.stored().await.users[0].phone, None);
}
