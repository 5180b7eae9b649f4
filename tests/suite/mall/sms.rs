use futures_util::future::join_all;
use serde_json::json;

use super::{ANNA, BERTA};
use crate::service::{DAY, MINUTE, PASSWORD, Service};

const INVALID: &str = "验证码错误或已失效,请核对或重新获取";
const NEW_PASSWORD: &str = "battery staple 43";

fn wait(time: &str) -> String {
    format!("短信发送过于频繁,请{time}后再试")
}

/// Six digits that are not these.
fn other_than(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().expect("digits") + 1) % 1_000_000)
}

#[tokio::test]
async fn a_code_has_six_digits_and_only_a_keyed_hash_of_it_is_stored() {
    let service = Service::start().await;
    let code = service.sms_code(ANNA, "register").await;
    assert!(code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()), "{code}");

    let stored = service.stored().await.sms_codes;

    assert!(!format!("{stored:?}").contains(&code), "{stored:?}");
    assert_eq!((stored.len(), stored[0].code_hash.len()), (1, 64));
    // Without the key, a million tries would find six digits: no plain hash of them will do.
    let digest = |text: &str| {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
        digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    };
    for text in [code.clone(), format!("{ANNA}{code}"), format!("register\n{ANNA}\n{code}")] {
        assert_ne!(stored[0].code_hash, digest(&text));
    }
}

#[tokio::test]
async fn a_number_gets_one_code_of_a_kind_a_minute_and_a_refusal_leaves_the_live_one_alone() {
    let service = Service::start().await;
    let code = service.sms_code(ANNA, "register").await;

    service.send_sms(ANNA, "register").await.failed(&wait("1分钟"));
    service.clock.advance(59);
    service.send_sms("+86 180 2674 0326", "register").await.failed(&wait("1秒"));

    assert_eq!(service.outbox(ANNA).await.len(), 1);
    service.sms_code(BERTA, "register").await;
    service.register_with(ANNA, PASSWORD, &code).await.member("注册成功");
    // Of the other kind there was none yet.
    service.sms_code(ANNA, "password").await;
}

#[tokio::test]
async fn a_new_code_replaces_the_old_one() {
    let service = Service::start().await;
    let old = service.sms_code(ANNA, "register").await;
    service.wait_for_the_next_code();
    let mut new = service.sms_code(ANNA, "register").await;
    while new == old {
        service.wait_for_the_next_code();
        new = service.sms_code(ANNA, "register").await;
    }
    service.register_with(ANNA, PASSWORD, &old).await.failed(INVALID);
    service.register_with(ANNA, PASSWORD, &new).await.member("注册成功");
}

#[tokio::test]
async fn five_wrong_tries_use_a_code_up_and_four_do_not() {
    let service = Service::start().await;
    for (mobile, wrong_tries) in [(ANNA, 4), (BERTA, 5)] {
        let code = service.sms_code(mobile, "register").await;
        for _ in 0..wrong_tries {
            service.register_with(mobile, PASSWORD, &other_than(&code)).await.failed(INVALID);
        }
        let response = service.register_with(mobile, PASSWORD, &code).await;
        if wrong_tries < 5 { _ = response.member("注册成功") } else { response.failed(INVALID) }
    }
    service.wait_for_the_next_code();
    let code = service.sms_code(BERTA, "register").await;
    service.register_with(BERTA, PASSWORD, &code).await.member("注册成功");
}

#[tokio::test]
async fn a_code_works_for_five_minutes() {
    let service = Service::start().await;
    let codes = [service.sms_code(ANNA, "register").await, service.sms_code(BERTA, "register").await];
    service.clock.advance(5 * MINUTE - 1);
    service.register_with(ANNA, PASSWORD, &codes[0]).await.member("注册成功");
    service.clock.advance(1);
    service.register_with(BERTA, PASSWORD, &codes[1]).await.failed(INVALID);
}

#[tokio::test]
async fn a_code_works_once() {
    let service = Service::start().await;
    service.register(ANNA).await;
    let code = service.sms_code(ANNA, "password").await;
    service.forget_with(ANNA, NEW_PASSWORD, &code).await.member("修改密码成功");
    service.forget_with(ANNA, PASSWORD, &code).await.failed(INVALID);
    service.password_login(ANNA, NEW_PASSWORD).await.member("登录成功");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_uses_of_one_code_at_once_have_one_winner() {
    // Hashes that take so long that every try is counted before the first one is through.
    let service = Service::with(&[("PASSPORT_PASSWORD__ITERATIONS", "100"), ("PASSPORT_PASSWORD__THREADS", "5")]).await;
    service.register(ANNA).await;
    let code = service.sms_code(ANNA, "password").await;

    let responses = join_all((0..100).map(|_| service.forget_with(ANNA, NEW_PASSWORD, &code))).await;

    let won: Vec<_> = responses.iter().filter(|response| response.body["code"] == 1).collect();
    assert_eq!(won.len(), 1);
    assert_eq!(service.stored().await.live_tokens().len(), 1);
    service.autologin(&won[0].member("修改密码成功").token).await.resumed();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_calls_at_once_send_one_message() {
    let service = Service::with(&[("PASSPORT_MALL__LIMITS__SMS_CALLS__MAX", "1000")]).await;

    let responses = join_all((0..100).map(|_| service.send_sms(ANNA, "register"))).await;

    assert_eq!(responses.iter().filter(|response| response.body["code"] == 1).count(), 1);
    assert_eq!(service.outbox(ANNA).await.len(), 1);
}

#[tokio::test]
async fn a_code_is_good_for_its_number_and_its_purpose_only() {
    let service = Service::start().await;
    service.register(ANNA).await;
    let password_code = service.sms_code(ANNA, "password").await;
    let mut register_code = service.sms_code(BERTA, "register").await;
    while register_code == password_code {
        service.wait_for_the_next_code();
        register_code = service.sms_code(BERTA, "register").await;
    }
    let before = service.stored().await.users;

    service.register_with(BERTA, PASSWORD, &password_code).await.failed(INVALID);
    service.forget_with(ANNA, NEW_PASSWORD, &register_code).await.failed(INVALID);
    service.forget_with(BERTA, NEW_PASSWORD, &register_code).await.failed(INVALID);
    service.register_with(ANNA, NEW_PASSWORD, &password_code).await.failed(INVALID);
    service.register_with("13900139000", PASSWORD, "000000").await.failed(INVALID);

    assert_eq!(service.stored().await.users, before);
    service.register_with(BERTA, PASSWORD, &register_code).await.member("注册成功");
    service.forget_with(ANNA, NEW_PASSWORD, &password_code).await.member("修改密码成功");
}

#[tokio::test]
async fn a_number_gets_ten_messages_a_day() {
    let service = Service::start().await;
    for _ in 0..10 {
        service.sms_code(ANNA, "register").await;
        service.wait_for_the_next_code();
    }
    service.send_sms(ANNA, "register").await.failed(&wait("24小时"));
    service.send_sms("0086 180 2674 0326", "register").await.failed(&wait("24小时"));
    service.sms_code(BERTA, "register").await;
    assert_eq!(service.outbox(ANNA).await.len(), 10);

    service.clock.advance(DAY - 10 * MINUTE - 1);
    service.send_sms(ANNA, "register").await.failed(&wait("1秒"));
    service.clock.advance(1);
    service.sms_code(ANNA, "register").await;
}

#[tokio::test]
async fn an_address_calls_twenty_times_an_hour_whatever_comes_of_it() {
    let service = Service::behind_a_proxy(&[]).await;
    let send = async |address: &str, mobile: &str, kind: &str| {
        service.post_from(address, "/users/send_sms", &json!({"username": mobile, "type": kind})).await
    };
    // Half of an IPv6 network's calls from either of two addresses; half of them refused.
    for number in 0..20 {
        let address = format!("2001:db8:1:2::{}", number % 2);
        let kind = if number % 4 < 2 { "register" } else { "password" };
        send(&address, &format!("139001390{number:02}"), kind).await;
    }

    send("2001:db8:1:2:ffff::1", ANNA, "register").await.failed(&wait("1小时"));
    send("2001:db8:1:3::1", ANNA, "register").await.data("发送成功");
    service.clock.advance(60 * MINUTE);
    send("2001:db8:1:2::1", BERTA, "register").await.data("发送成功");
}

#[tokio::test]
async fn the_service_has_a_budget_for_a_day() {
    let service = Service::with(&[("PASSPORT_MALL__LIMITS__SMS_BUDGET__MAX", "3")]).await;
    for number in 0..3 {
        service.sms_code(&format!("1390013900{number}"), "register").await;
    }
    service.send_sms(ANNA, "register").await.failed(&wait("24小时"));
    assert!(service.outbox(ANNA).await.is_empty());
    service.clock.advance(DAY);
    service.sms_code(ANNA, "register").await;
}

#[tokio::test]
async fn a_number_is_told_what_to_do_when_the_purpose_does_not_fit() {
    let service = Service::start().await;
    service.register(ANNA).await;
    service.wait_for_the_next_code();
    service.send_sms(ANNA, "register").await.failed("该手机号已注册,请直接登录或找回密码");
    service.send_sms(BERTA, "password").await.failed("该手机号未注册,请先注册");
    assert_eq!((service.outbox(ANNA).await.len(), service.outbox(BERTA).await.len()), (1, 0));
}

#[tokio::test]
async fn a_discreet_service_tells_only_the_owner_of_the_number() {
    let service = Service::with(&[("PASSPORT_MALL__HIDE_REGISTRATION", "true")]).await;
    service.register(ANNA).await;
    service.wait_for_the_next_code();

    let responses = [
        service.send_sms(ANNA, "register").await,
        service.send_sms(BERTA, "register").await,
        service.send_sms("13900139000", "password").await,
        service.send_sms(ANNA, "password").await,
    ];

    for response in &responses {
        assert_eq!(response.text, r#"{"code":1,"msg":"发送成功","data":{}}"#);
    }
    let kinds = async |mobile: &str| -> Vec<(String, bool)> {
        let messages = service.outbox(mobile).await;
        messages.iter().map(|one| (one["type"].as_str().expect("a kind").to_owned(), one["code"].is_string())).collect()
    };
    let kind = |kind: &str, has_code| (kind.to_owned(), has_code);
    assert_eq!(kinds(ANNA).await, [kind("password", true), kind("already_registered", false), kind("register", true)]);
    assert_eq!(kinds(BERTA).await, [kind("register", true)]);
    assert_eq!(kinds("13900139000").await, [kind("not_registered", false)]);
    // The limits do not tell either.
    service.send_sms(ANNA, "register").await.failed(&wait("1分钟"));
    service.send_sms("13900139000", "password").await.failed(&wait("1分钟"));
}

#[tokio::test]
async fn nothing_is_sent_when_the_limits_cannot_be_read() {
    let service = Service::start().await;
    service.write("ALTER TABLE limit_windows RENAME TO elsewhere").await;
    service.send_sms(ANNA, "register").await.failed_with(500, "服务器内部错误,请稍后再试");
    assert_eq!(service.calls("/sms").await, 0);
    service.write("ALTER TABLE elsewhere RENAME TO limit_windows").await;
    service.sms_code(ANNA, "register").await;
}
