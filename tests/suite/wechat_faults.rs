//! WeChat slow, busy, lying or cut off: a clear answer in time, nothing half-written, and the next request succeeds.

use std::time::{Duration, Instant};

use reqwest::header::RETRY_AFTER;
use serde_json::{Value, json};

use crate::program::{AppletResponse, BIND, LOGIN, PHONE, Passport, Person, Service};

const CODE_TO_SESSION: &str = "/sns/jscode2session";
const STABLE_TOKEN: &str = "/cgi-bin/stable_token";
const PHONE_NUMBER: &str = "/wxa/business/getuserphonenumber";

/// How long a client may have to wait for an answer, whatever WeChat does.
const DEADLINE: Duration = Duration::from_secs(8);

const LOGIN_UNAVAILABLE: (u16, &str) = (503, "微信登录失败: 微信服务暂时不可用");
const LOGIN_CODE_INVALID: (u16, &str) = (400, "微信登录失败: code无效");
const LOGIN_BLOCKED: (u16, &str) = (403, "微信登录失败: 该微信账号被限制登录");
const PHONE_UNAVAILABLE: (u16, &str) = (503, "获取手机号失败: 微信服务暂时不可用");
const PHONE_CODE_INVALID: (u16, &str) = (400, "获取手机号失败: code无效");

/// A way in which WeChat fails for good, as the sandbox plays it.
type Fault = (&'static str, Value);

/// Whatever is wrong here is neither the client's code nor the user.
fn outages() -> Vec<Fault> {
    let body = |text: &str| ("body", json!(text));
    vec![
        ("delay", json!(20_000)),
        ("status", json!(500)),
        ("status", json!(404)),
        ("status", json!(302)),
        ("errcode", json!(-1)),
        ("errcode", json!(45011)),
        ("errcode", json!(45009)),
        ("errcode", json!(40013)),
        ("errcode", json!(40125)),
        ("errcode", json!(40001)),
        ("errcode", json!(99999)),
        ("drop", Value::Null),
        body(""),
        body("garbage"),
        body("<html><body><h1>502 Bad Gateway</h1></body></html>"),
        body("{}"),
        body("[]"),
        body("null"),
        body(r#"{"openid":7,"session_key":[],"access_token":{},"expires_in":"soon","phone_info":"none"}"#),
        body(r#"{"openid":"","session_key":"","access_token":"","expires_in":0,"phone_info":{}}"#),
        body(r#"{"openid":"oHalf","session_key":"half","access_token":"half","phone_info":{"#),
        body(&format!(r#"{{"errcode":0,"filler":"{}"}}"#, "x".repeat(60 * 1024))),
    ]
}

fn with(refusals: &[(i64, (u16, &'static str))], outage: (u16, &'static str)) -> Vec<(Fault, (u16, &'static str))> {
    let refusals = refusals.iter().map(|(errcode, verdict)| (("errcode", json!(errcode)), *verdict));
    outages().into_iter().map(|fault| (fault, outage)).chain(refusals).collect()
}

/// A service that gives up on WeChat after a second, so that a test of many faults is fast.
async fn impatient_service() -> Service {
    Passport::new().set("PASSPORT_WECHAT__DEADLINE", "1s").start().await
}

fn assert_refused(answer: &AppletResponse, verdict: (u16, &str), fault: &Fault) {
    assert_eq!(answer.verdict(), verdict, "{fault:?}");
    assert_eq!(answer.body["result"], Value::Null, "{fault:?}");
    let retry_after = answer.headers.get(RETRY_AFTER).map(|seconds| seconds.to_str().expect("text").parse::<u32>());
    match verdict.0 {
        503 => assert!(matches!(retry_after, Some(Ok(1..))), "{fault:?}: {retry_after:?}"),
        _ => assert_eq!(retry_after, None, "{fault:?}"),
    }
}

async fn bind(service: &Service, person: &Person, code: &str) -> AppletResponse {
    service.post(BIND, json!({"token": person.token, "phoneCode": code})).await
}

#[tokio::test]
async fn a_login_that_wechat_fails_makes_nobody_and_succeeds_with_the_same_code_afterwards() {
    let service = impatient_service().await;
    let refusals = [(40029, LOGIN_CODE_INVALID), (40163, LOGIN_CODE_INVALID), (40226, LOGIN_BLOCKED)];
    for (number, (fault, verdict)) in (1..).zip(with(&refusals, LOGIN_UNAVAILABLE)) {
        let code = service.mint("login", json!({})).await;
        service.fault(CODE_TO_SESSION, fault.0, fault.1.clone(), 100).await;
        let asked = Instant::now();

        let refused = service.post(LOGIN, json!({"code": code})).await;

        assert_refused(&refused, verdict, &fault);
        assert!(asked.elapsed() < DEADLINE, "{fault:?}: {:?}", asked.elapsed());
        assert_eq!(service.user(&number.to_string()).await, None, "{fault:?} left a user behind");
        service.clear_faults().await;
        assert_eq!(service.log_in_with(&code).await.id(), number.to_string(), "{fault:?}");
    }
}

#[tokio::test]
async fn a_phone_call_that_wechat_fails_binds_nothing_and_succeeds_with_the_same_code_afterwards() {
    let service = impatient_service().await;
    let refusals = [(40029, PHONE_CODE_INVALID), (40163, PHONE_CODE_INVALID)];
    for (fault, verdict) in with(&refusals, PHONE_UNAVAILABLE) {
        let person = service.log_in(&format!("o{}", service.calls(CODE_TO_SESSION).await)).await;
        let code = service.mint("phone", json!({"openid": person.openid})).await;
        service.fault(PHONE_NUMBER, fault.0, fault.1.clone(), 100).await;

        assert_refused(&service.post(PHONE, json!({"code": code})).await, verdict, &fault);
        assert_refused(&bind(&service, &person, &code).await, verdict, &fault);

        assert_eq!(service.user(person.id()).await.expect("an account")["mobile"], Value::Null, "{fault:?}");
        service.clear_faults().await;
        assert_eq!(bind(&service, &person, &code).await.verdict(), (200, "绑定成功"), "{fault:?}");
    }
}

#[tokio::test]
async fn an_access_token_that_wechat_does_not_give_out_is_an_outage_that_ends_with_it() {
    let service = impatient_service().await;
    let person = service.log_in("oSomebody").await;
    let strange = [(40029, PHONE_UNAVAILABLE), (40163, PHONE_UNAVAILABLE), (40226, PHONE_UNAVAILABLE)];
    for (fault, verdict) in with(&strange, PHONE_UNAVAILABLE) {
        let code = service.mint("phone", json!({"openid": person.openid})).await;
        service.fault(STABLE_TOKEN, fault.0, fault.1.clone(), 100).await;
        // The token that is kept is refused, so that a new one is asked for.
        service.fault(PHONE_NUMBER, "errcode", json!(40001), 1).await;

        assert_refused(&bind(&service, &person, &code).await, verdict, &fault);

        service.clear_faults().await;
        assert_eq!(bind(&service, &person, &code).await.verdict(), (200, "绑定成功"), "{fault:?}");
    }
}

#[tokio::test]
async fn what_passes_at_the_second_try_is_not_noticed_by_the_client() {
    let service = Passport::new().start().await;
    for errcode in [-1, 45011] {
        service.fault(CODE_TO_SESSION, "errcode", json!(errcode), 1).await;
        service.log_in("oSomebody").await;
        service.fault(PHONE_NUMBER, "errcode", json!(errcode), 1).await;
        assert_eq!(phone_number(&service).await.verdict(), (200, "获取成功"), "{errcode}");
    }
    for errcode in [40001, 40014, 42001] {
        let (tokens, phones) = (service.calls(STABLE_TOKEN).await, service.calls(PHONE_NUMBER).await);
        service.fault(PHONE_NUMBER, "errcode", json!(errcode), 1).await;
        assert_eq!(phone_number(&service).await.verdict(), (200, "获取成功"), "{errcode}");
        let calls = (service.calls(STABLE_TOKEN).await - tokens, service.calls(PHONE_NUMBER).await - phones);
        assert_eq!(calls, (1, 2), "{errcode}: the token is renewed once and the call repeated once");
    }
    for (kind, value) in [("drop", Value::Null), ("status", json!(500)), ("body", json!("garbage"))] {
        service.fault(PHONE_NUMBER, "errcode", json!(40001), 1).await;
        service.fault(STABLE_TOKEN, kind, value, 1).await;
        assert_eq!(phone_number(&service).await.verdict(), (200, "获取成功"), "{kind}");
    }
}

async fn phone_number(service: &Service) -> AppletResponse {
    service.post(PHONE, json!({"code": "phone_code_here"})).await
}

#[tokio::test]
async fn a_call_that_spends_a_code_is_not_repeated_when_its_answer_was_lost() {
    let service = Passport::new().start().await;
    for (kind, value) in [("drop", Value::Null), ("status", json!(500)), ("body", json!("garbage"))] {
        let before = service.calls(CODE_TO_SESSION).await;
        service.fault(CODE_TO_SESSION, kind, value, 1).await;
        let answer = service.post(LOGIN, json!({"code": "wx_login_code_here"})).await;
        assert_eq!(answer.verdict(), LOGIN_UNAVAILABLE, "{kind}");
        assert_eq!(service.calls(CODE_TO_SESSION).await - before, 1, "{kind}");
    }
}

#[tokio::test]
async fn a_client_has_its_answer_within_eight_seconds_however_long_wechat_takes() {
    let (service, without_token) = tokio::join!(passport_start(), passport_start());
    let person = service.log_in("oSomebody").await;
    assert_eq!(phone_number(&service).await.verdict(), (200, "获取成功"));
    for path in [CODE_TO_SESSION, PHONE_NUMBER] {
        service.fault(path, "delay", json!(20_000), 100).await;
    }
    without_token.fault(STABLE_TOKEN, "delay", json!(20_000), 100).await;

    let slow = async {
        tokio::join!(
            service.post(LOGIN, json!({"code": "wx_login_code_here"})),
            bind(&service, &person, "phone_code_here"),
            phone_number(&without_token),
        )
    };
    let (login, bound, phone) = tokio::time::timeout(DEADLINE, slow).await.expect("answers within the deadline");

    assert_eq!(login.verdict(), LOGIN_UNAVAILABLE);
    assert_eq!(bound.verdict(), PHONE_UNAVAILABLE);
    assert_eq!(phone.verdict(), PHONE_UNAVAILABLE);
    service.clear_faults().await;
    without_token.clear_faults().await;
    service.log_in_with("wx_login_code_here").await;
    assert_eq!(bind(&service, &person, "phone_code_here").await.verdict(), (200, "绑定成功"));
    assert_eq!(phone_number(&without_token).await.verdict(), (200, "获取成功"));
}

async fn passport_start() -> Service {
    Passport::new().start().await
}

#[tokio::test]
async fn a_wechat_that_nobody_reaches_is_said_at_once() {
    // Bound, but not listening: the port is ours and refuses.
    let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
    socket.bind("127.0.0.1:0".parse().expect("an address")).expect("a free port");
    let nowhere = format!("http://{}", socket.local_addr().expect("an address"));
    let service = Passport::new().set("PASSPORT_WECHAT__API_BASE", nowhere).start().await;
    let asked = Instant::now();

    let login = service.post(LOGIN, json!({"code": "wx_login_code_here"})).await;
    let phone = phone_number(&service).await;

    assert_refused(&login, LOGIN_UNAVAILABLE, &("nobody there", Value::Null));
    assert_refused(&phone, PHONE_UNAVAILABLE, &("nobody there", Value::Null));
    assert!(asked.elapsed() < DEADLINE / 2, "{:?}", asked.elapsed());
    assert_eq!(service.user("1").await, None);
}

#[tokio::test]
async fn an_endless_answer_is_not_read_to_its_end() {
    // The sandbox's own faults are shorter than what the service reads at most.
    let filler = format!(r#"{{"openid":"oSomebody","session_key":"key","filler":"{}"}}"#, "x".repeat(200 * 1024));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let acceptor = poem::listener::TcpAcceptor::from_tokio(listener).expect("an acceptor");
    tokio::spawn(poem::Server::new_with_acceptor(acceptor).run(poem::endpoint::make_sync(move |_| filler.clone())));
    let service = Passport::new().set("PASSPORT_WECHAT__API_BASE", address).start().await;

    let login = service.post(LOGIN, json!({"code": "wx_login_code_here"})).await;
    let phone = phone_number(&service).await;

    assert_eq!((login.verdict(), phone.verdict()), (LOGIN_UNAVAILABLE, PHONE_UNAVAILABLE));
    assert_eq!(service.user("1").await, None);
}

#[tokio::test]
async fn a_fault_of_the_configuration_is_an_error_in_the_log_that_says_what_to_check() {
    let service = Passport::new().start().await;
    for errcode in [40013, 40125, 45009] {
        service.fault(CODE_TO_SESSION, "errcode", json!(errcode), 1).await;
        let answer = service.post(LOGIN, json!({"code": "wx_login_code_here"})).await;
        assert_eq!(answer.verdict(), LOGIN_UNAVAILABLE);
        let log = service.log();
        let said = log.lines().find(|line| line.contains(&format!("errcode={errcode}"))).expect("a line");
        assert!(said.contains(" ERROR "), "{said}");
    }
}

#[tokio::test]
async fn outages_of_wechat_do_not_use_up_the_clients_failures() {
    let service = Passport::new().set("PASSPORT_APPLET__CODE_FAILURES__MAX", "1").start().await;
    service.fault(CODE_TO_SESSION, "status", json!(500), 3).await;
    for _ in 0..3 {
        let answer = service.post(LOGIN, json!({"code": "wx_login_code_here"})).await;
        assert_eq!(answer.verdict(), LOGIN_UNAVAILABLE);
    }
    service.log_in_with("wx_login_code_here").await;
}
