use aws_lc_rs::digest::{SHA256, digest};
use passport::types::UserId;
use reqwest::Method;
use serde_json::json;

use super::ANNA;
use crate::service::{DAY, MINUTE, Service};

const ENDED: &str = "登录已失效,请重新登录";
const HOUR: i64 = 60 * MINUTE;

async fn expiry(service: &Service) -> i64 {
    service.stored().await.tokens[0].expires_at
}

#[tokio::test]
async fn a_token_is_forty_hex_digits_and_only_its_hash_is_stored() {
    let service = Service::start().await;
    let anna = service.register(ANNA).await;
    assert!(anna.token.len() == 40 && anna.token.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')));

    let stored = service.stored().await;

    assert!(!format!("{stored:?}").contains(&anna.token));
    let hash: String =
        digest(&SHA256, anna.token.as_bytes()).as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(stored.tokens[0].token_id, hash);
    service.autologin(&hash).await.not_resumed(ENDED);
}

#[tokio::test]
async fn a_token_lives_thirty_days() {
    let service = Service::start().await;
    let (used, unused) = (service.register(ANNA).await, service.register("13900139000").await);
    service.clock.advance(30 * DAY - 1);
    assert_eq!(service.autologin(&used.token).await.resumed()["token"], used.token);
    service.clock.advance(1);
    service.autologin(&unused.token).await.not_resumed(ENDED);
    service.autologin(&used.token).await.resumed();
}

#[tokio::test]
async fn an_autologin_extends_a_token_and_writes_that_once_an_hour() {
    let service = Service::start().await;
    let anna = service.register(ANNA).await;
    let first = expiry(&service).await;

    service.clock.advance(HOUR - 1);
    let before = service.stored().await;
    service.autologin(&anna.token).await.resumed();
    assert_eq!(service.stored().await, before, "within the hour nothing is written");

    service.clock.advance(1);
    service.autologin(&anna.token).await.resumed();
    assert_eq!(expiry(&service).await, first + HOUR);
    let before = service.stored().await;
    service.autologin(&anna.token).await.resumed();
    assert_eq!(service.stored().await, before);
}

#[tokio::test]
async fn no_token_outlives_180_days_however_often_it_is_extended() {
    let service = Service::start().await;
    let anna = service.register(ANNA).await;
    for _ in 0..8 {
        service.clock.advance(20 * DAY);
        service.autologin(&anna.token).await.resumed();
    }
    service.clock.advance(20 * DAY - 1);
    service.autologin(&anna.token).await.resumed();
    service.clock.advance(1);
    service.autologin(&anna.token).await.not_resumed(ENDED);
}

#[tokio::test]
async fn without_a_good_token_the_code_is_a_text() {
    let service = Service::start().await;
    let anna = service.register(ANNA).await;
    let applet = service.log_in("wx_anna").await;
    let none = service.request(Method::POST, "/users/autologin").json(&json!({}));
    service.send(none).await.not_resumed(ENDED);
    let empty = service.request(Method::POST, "/users/autologin");
    service.send(empty).await.not_resumed(ENDED);
    for token in [
        "",
        "null",
        "undefined",
        "40a78a658f5b8339085707517e8dc7f9cb6854f4",
        "' OR '1'='1",
        &anna.token.to_uppercase(),
        &anna.token[..39],
        &format!("{}0", anna.token),
        &format!("Bearer {}", anna.token),
        &applet.token,
        &"0".repeat(5_000),
    ] {
        service.autologin(token).await.not_resumed(ENDED);
    }
    let in_the_body = service.request(Method::POST, "/users/autologin").json(&json!({"Auth-Token": anna.token}));
    service.send(in_the_body).await.not_resumed(ENDED);
    service.autologin(&anna.token).await.resumed();
    service.check_login(&anna.token).await.refused(401, "token无效");
}

#[tokio::test]
async fn a_token_of_a_deleted_or_logged_out_member_is_no_good() {
    let service = Service::start().await;
    let admin = service.admin().await;
    let (anna, berta) = (service.register(ANNA).await, service.register("13900139000").await);
    assert!(admin.log_out(UserId::new(anna.id)).await.expect("a database"));
    assert!(admin.delete(UserId::new(berta.id)).await.expect("a database"));
    service.autologin(&anna.token).await.not_resumed(ENDED);
    service.autologin(&berta.token).await.not_resumed("用户不存在,请重新登录");
}
