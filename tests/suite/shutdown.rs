//! How the process ends: when it is asked to, and when it is not.

use serde_json::json;
use tokio::net::TcpStream;

use crate::program::{LOGIN, PHONE, Passport, REFRESH, Service, until};

const CODE_TO_SESSION: &str = "/sns/jscode2session";

/// A login that WeChat keeps waiting, and that has got as far as WeChat.
async fn hanging_login(service: &Service) -> tokio::task::JoinHandle<reqwest::Result<reqwest::Response>> {
    service.fault(CODE_TO_SESSION, "delay", json!(3_000), 1).await;
    let before = service.calls(CODE_TO_SESSION).await;
    let request = service.request(reqwest::Method::POST, LOGIN).json(&json!({"code": "wx_login_code_here"}));
    let login = tokio::spawn(request.send());
    until("the login is at WeChat", async || service.calls(CODE_TO_SESSION).await > before).await;
    login
}

async fn is_refused(address: &str) -> bool {
    TcpStream::connect(address.trim_start_matches("http://")).await.is_err()
}

#[tokio::test]
async fn asked_to_end_the_process_takes_nothing_new_and_finishes_what_is_in_flight() {
    for signal in ["TERM", "INT"] {
        let service = Passport::new().start().await;
        let address = service.address.clone();
        let login = hanging_login(&service).await;

        service.signal(signal).await;

        until("new connections are refused", || is_refused(&address)).await;
        assert!(!login.is_finished(), "the login should still be waiting for WeChat");
        let response = login.await.expect("no panic").expect("a response");
        assert_eq!(response.status(), 200, "{signal}: {}", response.text().await.unwrap_or_default());
        let finished = service.ended().await;
        assert_eq!(finished.status.code(), Some(0), "{signal}: {finished:?}");
    }
}

#[tokio::test]
async fn idle_connections_do_not_keep_the_process() {
    let service = Passport::new().start().await;
    // One without a request, and one that is kept open after a response.
    let address = service.address.trim_start_matches("http://").to_owned();
    let _silent = TcpStream::connect(address).await.expect("a connection");
    let _kept_open = service.client.clone();
    assert!(service.get("/healthz").await.status().is_success());

    let asked = std::time::Instant::now();
    service.signal("TERM").await;
    let finished = service.ended().await;

    assert_eq!(finished.status.code(), Some(0), "{finished:?}");
    assert!(asked.elapsed().as_secs() < 10, "it should not wait for connections on which nothing happens");
}

#[tokio::test]
async fn a_killed_process_has_lost_nothing_that_it_acknowledged() {
    let home = Passport::new();
    let service = home.start().await;
    let mut people = Vec::new();
    for number in 0..10 {
        people.push(service.log_in(&format!("oPerson{number}")).await);
    }
    let refreshed = service.post(REFRESH, json!({"token": people[0].token})).await;
    let newest = refreshed.body["result"].as_str().expect("a token").to_owned();
    let login = hanging_login(&service).await;

    service.signal("KILL").await;
    let finished = service.ended().await;
    assert!(!finished.status.success());
    assert!(login.await.expect("no panic").is_err(), "whoever was not answered knows it");

    let service = home.start().await;
    assert_eq!(service.check(&people[0].token).await.verdict(), (401, "token无效"), "it was replaced");
    people[0].token = newest;
    for person in &people {
        assert_eq!(service.check(&person.token).await.verdict(), (200, "登录有效"));
        assert_eq!(service.log_in(&person.openid).await.applet_id, person.applet_id);
    }
    assert_eq!(service.user("11").await, None, "the login that hung left no half-made user");
    assert_eq!(service.post(PHONE, json!({"code": "phone_code_here"})).await.verdict(), (200, "获取成功"));
}
