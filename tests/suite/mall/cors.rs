//! Pages of other origins.

use reqwest::Method;
use serde_json::json;

use super::ANNA;
use crate::service::{Response, Service};

const LISTED: &str = "https://mall.example.com";
const FOREIGN: [&str; 5] = [
    "https://evil.example",
    "http://mall.example.com",
    "https://mall.example.com.evil.example",
    "https://localhost.evil.example",
    "null",
];

async fn shop() -> Service {
    Service::with(&[("PASSPORT_CORS__ORIGINS", LISTED)]).await
}

async fn log_in_on(service: &Service, origin: &str, fields: &serde_json::Value) -> Response {
    service.send(service.request(Method::POST, "/users/login").header("origin", origin).json(fields)).await
}

async fn preflight(service: &Service, origin: &str) -> Response {
    let request = service
        .request(Method::OPTIONS, "/users/autologin")
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "auth-token,content-type");
    service.send(request).await
}

fn is_allowed(response: &Response, origin: &str) {
    assert_eq!(response.header("access-control-allow-origin"), Some(origin), "{}", response.text);
    assert_eq!(response.header("access-control-allow-credentials"), Some("true"));
}

#[tokio::test]
async fn a_listed_page_may_read_successes_and_failures() {
    let service = shop().await;
    service.register(ANNA).await;
    let good = json!({"username": ANNA, "password": crate::service::PASSWORD});
    for origin in [LISTED, "http://localhost:5173", "http://127.0.0.1:3000", "http://localhost"] {
        let response = log_in_on(&service, origin, &good).await;
        response.member("登录成功");
        is_allowed(&response, origin);
        assert!(response.headers.get_all("vary").iter().any(|value| value.as_bytes().eq_ignore_ascii_case(b"origin")));
    }

    let wrong = log_in_on(&service, LISTED, &json!({"username": ANNA})).await;
    wrong.failed("缺少参数密码");
    is_allowed(&wrong, LISTED);
    let from_listed = |method, path| service.request(method, path).header("origin", LISTED);
    for (request, status, words) in [
        (from_listed(Method::POST, "/users/login").json(&json!([])), 400, "请求体必须是JSON对象"),
        (from_listed(Method::GET, "/users/nothing"), 404, "接口不存在"),
        (from_listed(Method::PUT, "/users/login"), 405, "请求方法不支持"),
        (from_listed(Method::POST, "/users/login").body(vec![b' '; 65 * 1024]), 413, "请求体过大,最大64KB"),
    ] {
        let response = service.send(request).await;
        response.failed_with(status, words);
        is_allowed(&response, LISTED);
    }
}

#[tokio::test]
async fn a_foreign_page_is_refused_in_the_envelope_and_cannot_read_it() {
    let service = shop().await;
    service.register(ANNA).await;
    let before = service.stored().await;
    for origin in FOREIGN {
        let good = json!({"username": ANNA, "password": crate::service::PASSWORD});
        let response = log_in_on(&service, origin, &good).await;
        response.failed("不允许从该网站调用,请在配置中加入它的来源");
        assert_eq!(response.header("access-control-allow-origin"), None, "{origin}");
        let asked = preflight(&service, origin).await;
        assert_eq!(asked.header("access-control-allow-origin"), None, "{origin}");
    }
    assert_eq!(service.stored().await, before);
}

#[tokio::test]
async fn a_listed_page_may_ask_before_it_sends_the_token() {
    let service = shop().await;
    let response = preflight(&service, LISTED).await;
    assert_eq!(response.status, 200);
    is_allowed(&response, LISTED);
    let listed = |name: &str, value: &str| {
        let header = response.header(name).unwrap_or_default().to_ascii_lowercase();
        assert!(header.split(',').any(|one| one.trim() == value), "{name}: {header}");
    };
    for header in ["auth-token", "content-type", "authorization"] {
        listed("access-control-allow-headers", header);
    }
    listed("access-control-allow-methods", "post");
}

#[tokio::test]
async fn a_page_of_our_own_origin_may_always_call() {
    let service = Service::start().await;
    let own = format!("http://{}", service.address());
    let response = log_in_on(&service, &own, &json!({"username": ANNA, "password": "x"})).await;
    response.failed("账号或密码错误");
}

#[tokio::test]
async fn pages_of_this_machine_are_listed_in_sandbox_mode_only() {
    let service = Service::with(&[
        ("PASSPORT_WECHAT__MODE", "live"),
        ("PASSPORT_WECHAT__MINI__APPID", "wx0123456789abcdef"),
        ("PASSPORT_WECHAT__MINI__SECRET", "0123456789abcdef0123456789abcdef"),
        ("PASSPORT_SECRET_KEY", "a root secret of more than 32 bytes"),
        ("PASSPORT_CORS__ORIGINS", LISTED),
    ])
    .await;
    let wrong = json!({"username": ANNA, "password": "x"});
    is_allowed(&log_in_on(&service, LISTED, &wrong).await, LISTED);
    let refused = log_in_on(&service, "http://localhost:5173", &wrong).await;
    refused.failed("不允许从该网站调用,请在配置中加入它的来源");
}
