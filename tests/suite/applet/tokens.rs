use std::collections::BTreeSet;

use passport::types::UserId;

use futures_util::future::{join, join_all};
use reqwest::Method;
use serde_json::json;

use crate::{
    captured_log::CapturedLog,
    service::{DAY, LoggedIn, Service},
};

async fn is_refused_everywhere(service: &Service, token: &str) {
    let before = service.stored().await;
    for response in service.uses_of(token).await {
        response.refused(401, "token无效");
    }
    assert_eq!(service.stored().await, before);
}

/// As many as have a connection to the embedded database at once.
const READERS: usize = 4;

async fn refreshed(service: &Service, token: &str) -> String {
    service.refresh(token).await.text_result("刷新成功")
}

#[tokio::test]
async fn a_token_is_a_jwt_with_the_documented_header() {
    let service = Service::start().await;
    let token = service.log_in("wx_alice").await.token;
    for token in [&token, &refreshed(&service, &token).await] {
        assert!(token.starts_with("eyJhbGciOiJIUzI1NiJ9."), "{token}");
    }
}

#[tokio::test]
async fn the_token_may_come_in_the_header_and_the_documented_place_goes_first() {
    let service = Service::start().await;
    let (alice, bob) = (service.log_in("wx_alice").await, service.log_in("wx_bob").await);
    let with_header = |method: Method, operation: &str, token: &str| {
        service.request(method, &format!("/applet/login/{operation}")).bearer_auth(token)
    };
    let post = |operation: &str, token: &str| with_header(Method::POST, operation, token);

    for operation in ["checkLogin", "getUserInfo"] {
        let response = service.send(with_header(Method::GET, operation, &alice.token)).await;
        assert_eq!(response.body["result"], alice.user_info);
        let both = with_header(Method::GET, operation, &alice.token).query(&[("token", &bob.token)]);
        assert_eq!(service.send(both).await.body["result"], bob.user_info);
    }
    let bind = post("bindPhoneNumber", &alice.token).form(&[("phoneCode", "phone_code_here")]);
    service.send(bind).await.result("绑定成功");
    let update = post("updateUserInfo", &alice.token).json(&json!({"userInfo": {"name": "甲"}}));
    service.send(update).await.result("更新成功");
    let refresh = post("refreshToken", &alice.token).json(&json!({}));
    let token = service.send(refresh).await.text_result("刷新成功");
    service.send(post("logout", &token)).await.result("退出成功");
    is_refused_everywhere(&service, &token).await;
}

#[tokio::test]
async fn a_refresh_replaces_the_token() {
    let service = Service::start().await;
    let alice = service.log_in("wx_alice").await;

    let form = service.post_form("/applet/login/refreshToken", &[("token", &alice.token)]).await;
    let new = form.text_result("刷新成功");

    assert_ne!(new, alice.token);
    assert_eq!(*service.check_login(&new).await.result("登录有效"), alice.user_info);
    service.check_login(&alice.token).await.refused(401, "token无效");
    service.user_info(&alice.token).await.refused(401, "token无效");
    service.log_out(&alice.token).await.refused(401, "token无效");
    service.check_login(&new).await.result("登录有效");
    assert_eq!(service.stored().await.live_tokens().len(), 1);
}

#[tokio::test]
async fn a_lost_answer_can_be_asked_for_again_for_ten_seconds() {
    let service = Service::start().await;
    let first = service.log_in("wx_alice").await.token;
    let second = refreshed(&service, &first).await;
    service.clock.advance(5);
    assert_eq!(refreshed(&service, &first).await, second);
    let third = refreshed(&service, &second).await;

    service.clock.advance(5);

    assert_eq!(refreshed(&service, &first).await, third, "the newest one");
    assert_eq!(refreshed(&service, &second).await, third);
    service.check_login(&third).await.result("登录有效");
}

#[tokio::test]
async fn a_replaced_token_that_comes_back_later_ends_the_whole_session() {
    let service = Service::start().await;
    let elsewhere = service.log_in("wx_alice").await.token;
    let stolen = service.log_in("wx_alice").await.token;
    let second = refreshed(&service, &stolen).await;
    let third = refreshed(&service, &second).await;
    service.clock.advance(11);
    service.check_login(&third).await.result("登录有效");

    service.refresh(&stolen).await.refused(401, "token无效");

    for token in [&stolen, &second, &third] {
        is_refused_everywhere(&service, token).await;
    }
    service.check_login(&elsewhere).await.result("登录有效");
}

#[tokio::test]
async fn two_hundred_refreshes_of_one_token_at_once_leave_one_live_token() {
    let service = Service::start().await;
    let token = service.log_in("wx_alice").await.token;

    // While nobody can write, they read that the token is not replaced yet.
    let writers = service.hold_writers().await;
    let log = CapturedLog::start();
    let release = async {
        log.has_times("token_id", READERS).await;
        writers.release().await;
    };
    let (responses, ()) = join(join_all((0..200).map(|_| service.refresh(&token))), release).await;

    let tokens: BTreeSet<String> = responses.iter().map(|response| response.text_result("刷新成功")).collect();
    assert_eq!(tokens.len(), 1, "everybody gets the newest token");
    let stored = service.stored().await;
    assert_eq!((stored.tokens.len(), stored.live_tokens().len()), (2, 1));
    service.check_login(tokens.first().expect("a token")).await.result("登录有效");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_logout_wins_over_the_refreshes_beside_it() {
    let service = Service::start().await;
    for _ in 0..10 {
        let LoggedIn { token, id, .. } = service.log_in("wx_alice").await;
        let refreshes = join_all((0..5).map(|_| service.refresh(&token)));
        let (logout, _) = join(service.log_out(&token), refreshes).await;

        let live = service.stored().await.live_tokens().len();
        // Either the logout ended the session, or a refresh was first and had replaced the token of the logout.
        match logout.status {
            200 => assert_eq!(live, 0),
            _ => {
                logout.refused(401, "token无效");
                assert_eq!(live, 1);
                service.admin().await.log_out(UserId::new(id)).await.expect("a database");
            }
        }
    }
}

#[tokio::test]
async fn a_logout_ends_the_session_and_its_ten_seconds_of_grace() {
    let service = Service::start().await;
    let elsewhere = service.log_in("wx_alice").await.token;
    let first = service.log_in("wx_alice").await.token;
    let second = refreshed(&service, &first).await;

    service.post_form("/applet/login/logout", &[("token", &second)]).await.result("退出成功");

    for token in [&first, &second] {
        is_refused_everywhere(&service, token).await;
    }
    service.check_login(&elsewhere).await.result("登录有效");
}

#[tokio::test]
async fn a_token_lives_seven_days_and_can_be_refreshed_for_seven_more() {
    let service = Service::start().await;
    let [used, refreshed_late, too_late] = {
        let mut tokens = Vec::new();
        for _ in 0..3 {
            tokens.push(service.log_in("wx_alice").await.token);
        }
        tokens.try_into().expect("three tokens")
    };

    service.clock.advance(7 * DAY - 1);
    service.check_login(&used).await.result("登录有效");
    service.clock.advance(1);
    service.check_login(&used).await.refused(401, "token无效");
    service.update_user_info(&used, json!({"bmi": 20})).await.refused(401, "token无效");
    service.log_out(&used).await.refused(401, "token无效");

    service.clock.advance(7 * DAY - 1);
    let new = refreshed(&service, &refreshed_late).await;
    service.check_login(&new).await.result("登录有效");
    service.clock.advance(1);
    service.refresh(&too_late).await.refused(401, "token无效");
    service.check_login(&new).await.result("登录有效");
}

#[tokio::test]
async fn no_session_outlives_180_days_however_often_it_is_refreshed() {
    let service = Service::start().await;
    let mut token = service.log_in("wx_alice").await.token;
    for _ in 0..29 {
        service.clock.advance(6 * DAY);
        token = refreshed(&service, &token).await;
    }
    service.clock.advance(6 * DAY - 1);
    service.check_login(&token).await.result("登录有效");
    token = refreshed(&service, &token).await;
    service.check_login(&token).await.result("登录有效");

    service.clock.advance(1);

    is_refused_everywhere(&service, &token).await;
}

#[tokio::test]
async fn the_life_of_a_token_is_a_setting() {
    let service = Service::with(&[
        ("PASSPORT_APPLET__TOKEN_TTL", "1m"),
        ("PASSPORT_APPLET__REFRESH_WINDOW", "0"),
        ("PASSPORT_APPLET__REUSE_GRACE", "0"),
    ])
    .await;
    let first = service.log_in("wx_alice").await.token;
    let second = refreshed(&service, &first).await;
    service.clock.advance(1);
    service.refresh(&first).await.refused(401, "token无效");
    service.check_login(&second).await.refused(401, "token无效");

    let token = service.log_in("wx_alice").await.token;
    service.clock.advance(59);
    service.check_login(&token).await.result("登录有效");
    service.clock.advance(1);
    is_refused_everywhere(&service, &token).await;
}

#[tokio::test]
async fn a_foreign_forged_or_mangled_token_is_refused_everywhere() {
    let service = Service::start().await;
    let token = service.log_in("wx_alice").await.token;
    let foreign = Service::start().await.log_in("wx_alice").await.token;
    let (signed, signature) = token.rsplit_once('.').expect("a signature");
    let (header, claims) = signed.split_once('.').expect("claims");

    for token in [
        "",
        " ",
        "user_token_here",
        "null",
        "..",
        "eyJhbGciOiJIUzI1NiJ9..",
        "' OR '1'='1",
        "x\r\n2026-11-21 INFO event=login outcome=ok",
        &foreign,
        signed,
        &format!("{signed}."),
        &format!("eyJhbGciOiJub25lIn0.{claims}."),
        &format!("eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.{claims}.{signature}"),
        &format!("{header}.{claims}A.{signature}"),
        &format!("{token}="),
        &format!("{token}\u{0}"),
        &format!(" {token}"),
        &token.to_lowercase(),
        &"x".repeat(5_000),
    ] {
        is_refused_everywhere(&service, token).await;
    }
    service.check_login(&token).await.result("登录有效");
}
