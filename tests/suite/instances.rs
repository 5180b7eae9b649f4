//! Two instances on one database: all state is in the database, so either instance can serve any request.

use futures_util::future::join_all;
use passport::types::UserId;
use serde_json::{Value, json};

use crate::{
    captured_log::CapturedLog,
    service::{DAY, PASSWORD, Response, Service},
};

const TOO_OFTEN: &str = "请求过于频繁,请稍后再试";
const OTHER_PASSWORD: &str = "battery staple 42";
const MOBILE: &str = "13912345678";

/// The apps and the proxy of both; the sandbox would make up apps of its own for each.
const SHARED: &[(&str, &str)] = &[
    ("PASSPORT_TRUSTED_PROXIES", "127.0.0.1"),
    ("PASSPORT_WECHAT__MINI__APPID", "wx_mini"),
    ("PASSPORT_WECHAT__MINI__SECRET", "mini-secret"),
    ("PASSPORT_WECHAT__OFFICIAL__APPID", "wx_official"),
    ("PASSPORT_WECHAT__OFFICIAL__SECRET", "official-secret"),
    ("PASSPORT_WECHAT__OFFICIAL__RETURN_URLS", "http://127.0.0.1/callback"),
    // Many wait at once for the embedded database, which has one writer.
    ("PASSPORT_DATABASE__ACQUIRE_TIMEOUT", "30s"),
];

async fn two() -> [Service; 2] {
    two_with(&[]).await
}

async fn two_with(settings: &[(&str, &str)]) -> [Service; 2] {
    let first = Service::with(&[SHARED, settings].concat()).await;
    let second = first.second_instance().await;
    [first, second]
}

/// The responses to `times` concurrent requests, alternating between the instances.
async fn race<F: Future<Output = Response>>(
    times: usize,
    services: &[Service; 2],
    ask: impl Fn(usize) -> F,
) -> Vec<Response> {
    assert_ne!(services[0].address(), services[1].address());
    join_all((0..times).map(ask)).await
}

/// How many of these have that message.
fn count(responses: &[Response], message: &str) -> usize {
    responses.iter().filter(|response| response.body["message"] == message || response.body["msg"] == message).count()
}

fn bodies(responses: &[Response]) -> Vec<&Value> {
    responses.iter().map(|response| &response.body).collect()
}

#[tokio::test]
async fn a_token_from_one_is_good_at_the_other_in_both_dialects() {
    let [first, second] = two().await;
    let visitor = first.log_in("wx_alice").await;
    let member = second.register(MOBILE).await;

    second.check_login(&visitor.token).await.result("登录有效");
    assert_eq!(second.user_info(&visitor.token).await.result("获取成功")["id"], visitor.user_info["id"]);
    assert_eq!(first.autologin(&member.token).await.resumed()["id"], member.id);
    let refreshed = second.refresh(&visitor.token).await.text_result("刷新成功");
    first.check_login(&refreshed).await.result("登录有效");
    first.check_login(&visitor.token).await.refused(401, "token无效");
}

#[tokio::test]
async fn a_logout_at_one_ends_the_token_at_the_other_at_once() {
    let [first, second] = two().await;
    let visitor = first.log_in("wx_alice").await;
    second.check_login(&visitor.token).await.result("登录有效");

    first.log_out(&visitor.token).await.result("退出成功");

    for response in second.uses_of(&visitor.token).await {
        response.refused(401, "token无效");
    }
}

#[tokio::test]
async fn a_disabled_account_is_refused_by_both_at_once() {
    let [first, second] = two().await;
    let visitor = first.log_in("wx_alice").await;
    first.check_login(&visitor.token).await.result("登录有效");
    second.check_login(&visitor.token).await.result("登录有效");

    assert!(first.admin().await.disable(UserId::new(visitor.id)).await.expect("done"), "there is the account");

    first.check_login(&visitor.token).await.refused(403, "账号已被禁用");
    second.check_login(&visitor.token).await.refused(403, "账号已被禁用");
    let code = first.mint_login("wx_alice", None).await;
    second.wx_login(&code).await.refused(403, "账号已被禁用");
}

#[tokio::test]
async fn a_new_password_set_at_one_ends_the_tokens_at_the_other_at_once() {
    let [first, second] = two().await;
    let member = first.register(MOBILE).await;
    second.autologin(&member.token).await.resumed();
    first.wait_for_the_next_code();
    let code = second.sms_code(MOBILE, "password").await;

    first.forget_with(MOBILE, OTHER_PASSWORD, &code).await.member("修改密码成功");

    second.autologin(&member.token).await.not_resumed("登录已失效,请重新登录");
    second.password_login(MOBILE, PASSWORD).await.failed("账号或密码错误");
    second.password_login(MOBILE, OTHER_PASSWORD).await.member("登录成功");
}

#[tokio::test]
async fn a_refresh_raced_over_both_makes_one_token() {
    let both = two().await;
    let visitor = both[0].log_in("wx_alice").await;

    let responses = race(12, &both, |time| both[time % 2].refresh(&visitor.token)).await;

    let tokens: Vec<String> = responses.iter().map(|response| response.text_result("刷新成功")).collect();
    assert!(tokens.iter().all(|token| *token == tokens[0]), "everybody should have got the same token");
    let stored = both[0].stored().await;
    assert_eq!((stored.tokens.len(), stored.live_tokens().len()), (2, 1));
}

#[tokio::test]
async fn of_first_logins_raced_over_both_one_makes_the_account() {
    let both = two().await;
    let mut codes = Vec::new();
    for _ in 0..12 {
        codes.push(both[0].mint_login("wx_alice", Some("union_alice")).await);
    }

    let responses = race(codes.len(), &both, |time| both[time % 2].wx_login(&codes[time])).await;

    let ids: Vec<i64> = responses.iter().map(|response| response.logged_in().id).collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    let stored = both[1].stored().await;
    assert_eq!((stored.users.len(), stored.identities.len(), stored.live_tokens().len()), (1, 1, 12));
}

#[tokio::test]
async fn of_people_who_bind_one_phone_over_both_one_gets_it() {
    let both = two().await;
    let mut tries = Vec::new();
    for number in 0..8 {
        let openid = format!("wx_{number}");
        let token = both[number % 2].log_in(&openid).await.token;
        tries.push((token, both[0].mint_phone(MOBILE, Some(&openid)).await));
    }

    let responses = race(tries.len(), &both, |time| both[time % 2].bind_phone(&tries[time].0, &tries[time].1)).await;

    assert_eq!(count(&responses, "绑定成功"), 1, "{:?}", bodies(&responses));
    assert_eq!(count(&responses, "该手机号已被其他用户绑定"), 7, "{:?}", bodies(&responses));
    let stored = both[0].stored().await;
    assert_eq!(stored.users.iter().filter(|user| user.phone.as_deref() == Some(MOBILE)).count(), 1);
}

#[tokio::test]
async fn an_sms_code_raced_over_both_is_spent_once() {
    let both = two().await;
    both[0].register(MOBILE).await;
    both[0].wait_for_the_next_code();
    let code = both[1].sms_code(MOBILE, "password").await;
    let sessions = both[0].stored().await.sessions.len();

    let passwords: Vec<String> = (0..5).map(|time| format!("battery staple {time}")).collect();
    let responses = race(5, &both, |time| both[time % 2].forget_with(MOBILE, &passwords[time], &code)).await;

    assert_eq!(count(&responses, "修改密码成功"), 1, "{:?}", bodies(&responses));
    assert_eq!(count(&responses, "验证码错误或已失效,请核对或重新获取"), 4, "{:?}", bodies(&responses));
    assert_eq!(both[0].stored().await.sessions.len(), sessions + 1);
}

#[tokio::test]
async fn a_registration_raced_over_both_makes_one_member() {
    let both = two().await;
    let code = both[1].sms_code(MOBILE, "register").await;

    let responses = race(4, &both, |time| both[time % 2].register_with(MOBILE, PASSWORD, &code)).await;

    assert_eq!(count(&responses, "注册成功"), 1, "{:?}", bodies(&responses));
    assert!(responses.iter().all(|response| response.status == 200), "{:?}", bodies(&responses));
    assert_eq!(both[0].stored().await.users.len(), 1);
}

#[tokio::test]
async fn failed_codes_count_over_both() {
    let both = two().await;
    let fail = async |time: usize| {
        let fields = json!({"code": "unknown"});
        both[time % 2].post_from("203.0.113.7", "/applet/login/wxLogin", &fields).await
    };
    for time in 0..30 {
        assert_eq!(fail(time).await.status, 400);
    }

    for service in 0..2 {
        fail(service).await.refused(429, TOO_OFTEN);
    }
}

#[tokio::test]
async fn messages_count_over_both() {
    let both = two().await;
    let responses = race(6, &both, |time| both[time % 2].send_sms(MOBILE, "register")).await;

    assert_eq!(count(&responses, "发送成功"), 1, "{:?}", bodies(&responses));
    assert_eq!(both[0].outbox(MOBILE).await.len(), 1);

    // The limit of the day is used up in turns.
    for time in 1..10 {
        both[0].wait_for_the_next_code();
        both[time % 2].send_sms(MOBILE, "register").await.data("发送成功");
    }
    both[0].wait_for_the_next_code();
    for service in &both {
        let refused = service.send_sms(MOBILE, "register").await;
        assert!(
            refused.body["msg"].as_str().is_some_and(|msg| msg.starts_with("短信发送过于频繁")),
            "{}",
            refused.text
        );
    }
    assert_eq!(both[0].outbox(MOBILE).await.len(), 10);
}

#[tokio::test]
async fn wrong_passwords_count_over_both_also_at_once() {
    let both = two().await;
    both[0].register(MOBILE).await;

    let responses = race(12, &both, |time| both[time % 2].password_login(MOBILE, OTHER_PASSWORD)).await;

    assert_eq!(count(&responses, "账号或密码错误"), 5, "{:?}", bodies(&responses));
    for service in &both {
        let refused = service.password_login(MOBILE, PASSWORD).await;
        assert!(
            refused.body["msg"].as_str().is_some_and(|msg| msg.starts_with("密码错误次数过多")),
            "{}",
            refused.text
        );
    }
}

#[tokio::test]
async fn a_state_that_one_issued_is_spent_at_the_other_and_only_once() {
    let both = two().await;
    let state = both[0].state().await;
    let mut codes = Vec::new();
    for _ in 0..6 {
        codes.push(both[0].mint_oauth(json!({"openid": "o_alice"})).await);
    }

    let responses = race(codes.len(), &both, |time| both[(time + 1) % 2].official_login(&codes[time], &state)).await;

    assert_eq!(count(&responses, "授权成功"), 1, "{:?}", bodies(&responses));
    assert_eq!(count(&responses, "state无效或已过期,请重新授权"), 5, "{:?}", bodies(&responses));
}

#[tokio::test]
async fn each_instance_has_its_access_token_without_taking_the_others() {
    let both = two().await;

    for round in 0..6 {
        for service in &both {
            let code = both[0].mint_phone(&format!("1391234567{round}"), None).await;
            service.get_phone_number(&code).await.result("获取成功");
        }
    }

    assert_eq!(both[0].calls("/cgi-bin/stable_token").await, 2, "one for each, for the first call");
    assert_eq!(both[0].calls("/cgi-bin/token").await, 0);
}

#[tokio::test]
async fn two_sweepers_delete_what_has_expired_and_leave_what_lives_without_an_error() {
    let log = CapturedLog::start();
    // Small batches, so that both are at it at once, over and over.
    let both = two_with(&[("PASSPORT_SWEEP__INTERVAL", "1s"), ("PASSPORT_SWEEP__BATCH", "2")]).await;
    for number in 0..40 {
        both[number % 2].log_in(&format!("wx_{number}")).await;
        both[number % 2].state().await;
        let address = format!("203.0.113.{number}");
        both[number % 2].post_from(&address, "/applet/login/wxLogin", &json!({"code": "unknown"})).await;
        both[number % 2].send_sms(&format!("139123456{number:02}"), "register").await;
    }
    let alive = both[0].log_in("wx_alive").await;
    both[0].clock.advance(7 * DAY);
    let token = both[1].refresh(&alive.token).await.text_result("刷新成功");

    both[0].clock.advance(7 * DAY + 1);
    let code = both[0].mint_login("wx_late", None).await;
    let late = both[1].wx_login(&code).await.logged_in();

    both[0]
        .until_stored(|stored| {
            stored.sessions.len() == 2
                && stored.limits.is_empty()
                && stored.sms_codes.is_empty()
                && stored.states.is_empty()
        })
        .await;
    let stored = both[0].stored().await;
    assert!(stored.tokens.iter().all(|token| stored.sessions.iter().any(|session| session.id == token.session_id)));
    assert_eq!((stored.users.len(), stored.identities.len()), (42, 42), "accounts do not expire");
    both[0].refresh(&token).await.text_result("刷新成功");
    both[0].check_login(&late.token).await.result("登录有效");
    let errors: Vec<String> = log.text().lines().filter(|line| line.contains("ERROR")).map(str::to_owned).collect();
    assert!(errors.is_empty(), "{errors:?}");
}

#[tokio::test]
async fn users_who_exchange_numbers_over_both_are_all_answered_and_a_number_has_one_owner() {
    let both = two().await;
    let mut users = Vec::new();
    for openid in ["wx_alice", "wx_bob", "wx_carol", "wx_dave"] {
        users.push((both[0].log_in(openid).await.token, openid));
    }
    let mut tries = Vec::new();
    for time in 0..60 {
        let (token, openid) = &users[time % users.len()];
        let number = format!("1380013800{}", time % 3);
        tries.push((token, both[0].mint_phone(&number, Some(openid)).await));
    }

    let responses = race(tries.len(), &both, |time| both[time % 2].bind_phone(tries[time].0, &tries[time].1)).await;

    let answered = count(&responses, "绑定成功") + count(&responses, "该手机号已被其他用户绑定");
    assert_eq!(answered, tries.len(), "{:?}", bodies(&responses));
    let mut owned: Vec<_> = both[0].stored().await.users.into_iter().filter_map(|user| user.phone).collect();
    let owners = owned.len();
    owned.sort();
    owned.dedup();
    assert_eq!(owned.len(), owners);
}
