//! What a member sees of an SMS gateway that is down, slow, throttled or out of money.

use std::time::{Duration, Instant};

use super::ANNA;
use crate::service::{MINUTE, PASSWORD, Service};

const UNAVAILABLE: &str = "短信服务暂时不可用,请稍后再试";
const THROTTLED: &str = "该手机号接收短信过于频繁,请稍后再试";
const UNCERTAIN: &str = "短信可能已经发出,若未收到请一分钟后重新获取";
const TOO_SOON: &str = "短信发送过于频繁,请1分钟后再试";
const INVALID: &str = "验证码错误或已失效,请核对或重新获取";

/// How many messages are counted for the number.
async fn counted(service: &Service) -> i64 {
    let limits = service.stored().await.limits;
    limits.iter().find(|limit| limit.subject.starts_with("sms_number:")).map_or(0, |limit| limit.count)
}

#[tokio::test]
async fn a_definite_refusal_does_not_count_and_leaves_the_live_code_alone() {
    let service = Service::start().await;
    let live = service.sms_code(ANNA, "register").await;
    for (errcode, words) in [(402, UNAVAILABLE), (429, THROTTLED), (4001, UNAVAILABLE)] {
        service.wait_for_the_next_code();
        service.fault("/sms", "errcode", errcode, 1).await;

        service.send_sms(ANNA, "register").await.failed(words);

        assert_eq!(counted(&service).await, 1);
    }
    service.register_with(ANNA, PASSWORD, &live).await.member("注册成功");
    // The minute was not used up either.
    service.fault("/sms", "errcode", 402, 1).await;
    service.send_sms(ANNA, "password").await.failed(UNAVAILABLE);
    service.sms_code(ANNA, "password").await;
}

#[tokio::test]
async fn what_may_have_been_sent_counts_and_is_never_repeated() {
    for (kind, value) in [("status", 500), ("drop", 0)] {
        let service = Service::start().await;
        let live = service.sms_code(ANNA, "register").await;
        service.wait_for_the_next_code();
        service.fault("/sms", kind, value, 1).await;

        service.send_sms(ANNA, "register").await.failed(UNCERTAIN);

        assert_eq!((service.calls("/sms").await, counted(&service).await), (2, 2), "{kind}");
        service.send_sms(ANNA, "register").await.failed(TOO_SOON);
        service.register_with(ANNA, PASSWORD, &live).await.failed(INVALID);
        service.clock.advance(MINUTE);
        let code = service.sms_code(ANNA, "register").await;
        service.register_with(ANNA, PASSWORD, &code).await.member("注册成功");
    }
}

#[tokio::test]
async fn a_gateway_that_is_too_slow_may_have_sent_the_message() {
    let service = Service::with(&[("PASSPORT_SMS__DEADLINE", "1s"), ("PASSPORT_SMS__CONNECT_TIMEOUT", "500ms")]).await;
    service.fault("/sms", "delay", 5_000, 1).await;
    let started = Instant::now();

    service.send_sms(ANNA, "register").await.failed(UNCERTAIN);

    assert!(started.elapsed() < Duration::from_secs(4), "{:?}", started.elapsed());
    assert_eq!((service.calls("/sms").await, counted(&service).await), (1, 1));
    service.send_sms(ANNA, "register").await.failed(TOO_SOON);
}

#[tokio::test]
async fn a_gateway_that_cannot_be_reached_has_sent_nothing() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("an address");
    let base = format!("http://{closed}");
    let service = Service::with(&[("PASSPORT_SMS__API_BASE", base.as_str())]).await;
    for _ in 0..3 {
        service.send_sms(ANNA, "register").await.failed(UNAVAILABLE);
    }
    assert_eq!(counted(&service).await, 0);
}
