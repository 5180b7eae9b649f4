use futures_util::future::join_all;

use super::{ANNA, BERTA};
use crate::service::{DAY, MINUTE, PASSWORD, Response, Service};

const WRONG: &str = "账号或密码错误";
const NEW_PASSWORD: &str = "battery staple 43";

fn wait(time: &str) -> String {
    format!("密码错误次数过多,请{time}后再试,或找回密码")
}

async fn try_wrong(service: &Service, address: &str, name: &str, times: usize) {
    for time in 0..times {
        let response = service.password_login_from(address, name, "not the password").await;
        assert_eq!(response.body["msg"], WRONG, "{address} {name} {time}");
    }
}

/// Fifty wrong tries, from as many addresses as that takes.
async fn attack(service: &Service, name: &str) {
    for number in 0..10 {
        try_wrong(service, &format!("203.0.113.{number}"), name, 5).await;
    }
}

async fn right(service: &Service, address: &str, name: &str) -> Response {
    service.password_login_from(address, name, PASSWORD).await
}

#[tokio::test]
async fn after_five_wrong_passwords_an_address_waits_a_quarter_of_an_hour_for_that_account() {
    let service = Service::behind_a_proxy(&[]).await;
    service.register(ANNA).await;
    service.register(BERTA).await;
    try_wrong(&service, "203.0.113.7", ANNA, 5).await;

    right(&service, "203.0.113.7", ANNA).await.failed(&wait("15分钟"));
    right(&service, "203.0.113.7", "+86 180 2674 0326").await.failed(&wait("15分钟"));
    right(&service, "203.0.113.7", BERTA).await.member("登录成功");
    right(&service, "203.0.113.8", ANNA).await.member("登录成功");

    service.clock.advance(15 * MINUTE - 1);
    right(&service, "203.0.113.7", ANNA).await.failed(&wait("1秒"));
    service.clock.advance(1);
    right(&service, "203.0.113.7", ANNA).await.member("登录成功");
}

#[tokio::test]
async fn right_passwords_do_not_count() {
    let service = Service::behind_a_proxy(&[]).await;
    service.register(ANNA).await;
    for _ in 0..6 {
        right(&service, "203.0.113.7", ANNA).await.member("登录成功");
    }
    try_wrong(&service, "203.0.113.7", ANNA, 4).await;
    right(&service, "203.0.113.7", ANNA).await.member("登录成功");
    try_wrong(&service, "203.0.113.7", ANNA, 1).await;
    right(&service, "203.0.113.7", ANNA).await.failed(&wait("15分钟"));
}

#[tokio::test]
async fn an_ipv6_caller_counts_by_its_64() {
    let service = Service::behind_a_proxy(&[]).await;
    service.register(ANNA).await;
    try_wrong(&service, "2001:db8:1:2::1", ANNA, 3).await;
    try_wrong(&service, "2001:db8:1:2:aaaa::1", ANNA, 2).await;
    right(&service, "2001:db8:1:2::9", ANNA).await.failed(&wait("15分钟"));
    right(&service, "2001:db8:1:3::1", ANNA).await.member("登录成功");
}

#[tokio::test]
async fn after_fifty_wrong_passwords_an_account_waits_an_hour_but_its_owner_gets_in_from_home() {
    let service = Service::behind_a_proxy(&[]).await;
    service.register(ANNA).await;
    attack(&service, ANNA).await;

    right(&service, "198.51.100.1", ANNA).await.failed(&wait("1小时"));
    let home = service.password_login(ANNA, PASSWORD).await.member("登录成功");
    assert_eq!(home.profile["mobile"], ANNA);

    service.clock.advance(60 * MINUTE);
    right(&service, "198.51.100.1", ANNA).await.member("登录成功");
}

#[tokio::test]
async fn an_address_is_known_for_thirty_days() {
    let service = Service::behind_a_proxy(&[]).await;
    service.register(ANNA).await;
    right(&service, "198.51.100.1", ANNA).await.member("登录成功");
    service.clock.advance(30 * DAY - 1);
    attack(&service, ANNA).await;
    right(&service, "198.51.100.1", ANNA).await.member("登录成功");

    service.clock.advance(30 * DAY);
    attack(&service, ANNA).await;
    right(&service, "198.51.100.1", ANNA).await.failed(&wait("1小时"));
}

#[tokio::test]
async fn after_a_hundred_wrong_passwords_an_address_waits_an_hour_whatever_the_name() {
    let service = Service::behind_a_proxy(&[]).await;
    service.register(ANNA).await;
    for number in 0..20 {
        try_wrong(&service, "203.0.113.7", &format!("139001390{number:02}"), 5).await;
    }

    right(&service, "203.0.113.7", ANNA).await.failed(&wait("1小时"));
    right(&service, "203.0.113.8", ANNA).await.member("登录成功");
    service.clock.advance(60 * MINUTE);
    right(&service, "203.0.113.7", ANNA).await.member("登录成功");
}

#[tokio::test]
async fn a_name_that_does_not_exist_counts_like_one_that_does() {
    let service = Service::behind_a_proxy(&[]).await;
    service.register(ANNA).await;
    let mut seen = Vec::new();
    for name in [ANNA, BERTA, "nobody"] {
        let mut responses = Vec::new();
        for number in 0..11 {
            for _ in 0..6 {
                let address = format!("203.0.113.{number}");
                responses.push(service.password_login_from(&address, name, "not the password").await.text);
            }
        }
        seen.push(responses);
        service.clock.advance(DAY);
    }
    assert!(seen[0][0].contains(WRONG) && seen[0][5].contains("15分钟") && seen[0][60].contains("1小时"), "{seen:?}");
    assert_eq!(seen[1], seen[0]);
    assert_eq!(seen[2], seen[0]);
}

#[tokio::test]
async fn a_new_password_clears_the_accounts_counters() {
    let service = Service::behind_a_proxy(&[]).await;
    service.register(ANNA).await;
    service.register(BERTA).await;
    attack(&service, ANNA).await;
    try_wrong(&service, "198.51.100.2", BERTA, 5).await;
    right(&service, "203.0.113.1", ANNA).await.failed(&wait("15分钟"));
    right(&service, "198.51.100.1", ANNA).await.failed(&wait("1小时"));

    service.forget(ANNA, NEW_PASSWORD).await;

    for address in ["203.0.113.1", "198.51.100.1"] {
        service.password_login_from(address, ANNA, NEW_PASSWORD).await.member("登录成功");
    }
    right(&service, "198.51.100.2", BERTA).await.failed(&wait("15分钟"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_wrong_passwords_at_once_are_five_tries() {
    let service = Service::behind_a_proxy(&[("PASSPORT_PASSWORD__QUEUE", "200")]).await;
    service.register(ANNA).await;

    let tries = (0..100).map(|_| service.password_login_from("203.0.113.7", ANNA, "not the password"));
    let responses = join_all(tries).await;

    let looked_at = responses.iter().filter(|response| response.body["msg"] == WRONG).count();
    let refused = responses.iter().filter(|response| response.body["msg"] == wait("15分钟")).count();
    assert_eq!((looked_at, refused), (5, 95));
}
