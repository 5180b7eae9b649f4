//! The first minutes with the program: a fresh folder, one command, and the documented calls.

use std::{os::unix::fs::PermissionsExt, process::Command};

use poem::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE};
use regex::Regex;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::program::{LOGIN, Passport, Service, listed};

/// Runs a line of a shell and returns what it printed, which must be JSON.
async fn run_in_shell(line: &str) -> Value {
    let owned = line.to_owned();
    let run = move || Command::new("sh").args(["-c", &owned]).output().expect("a shell");
    let output = tokio::task::spawn_blocking(run).await.expect("no panic");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("no JSON from {line}: {output:?}"))
}

#[tokio::test]
async fn a_fresh_folder_gets_a_database_and_a_secret_that_only_its_owner_reads() {
    let home = Passport::embedded();
    assert!(!home.path("data").exists());

    let _service = home.start().await;

    let database = std::fs::read(home.path("data/passport.db")).expect("a database");
    assert!(database.starts_with(b"SQLite format 3\0"));
    let secret = home.path("data/secret.key");
    assert!(std::fs::read_to_string(&secret).expect("a secret").trim().len() >= 32);
    assert_eq!(secret.metadata().expect("a file").permissions().mode() & 0o777, 0o600);
    let mut made: Vec<_> = std::fs::read_dir(home.path("."))
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    made.sort();
    assert_eq!(made, ["data"], "everything lies in one folder");
}

#[tokio::test]
async fn the_start_page_names_what_there_is_and_its_curl_line_logs_in_as_printed() {
    let home = Passport::embedded();
    let service = home.start().await;
    let page = service.page();

    let docs = service.client.get(listed(&page, "Swagger UI").expect("a line")).send().await.expect("an answer");
    assert!(docs.text().await.expect("a page").contains("swagger"));
    let sandbox = service.client.get(listed(&page, "Sandbox").expect("a line")).send().await.expect("an answer");
    assert_eq!(sandbox.status(), StatusCode::OK);
    let data = std::path::Path::new(listed(&page, "Data folder").expect("a line"));
    assert_eq!(data.canonicalize().expect("a folder"), home.path("data").canonicalize().expect("a folder"));
    let line = page.lines().find_map(|line| line.trim().strip_prefix("Try it")).expect("a line to try").trim();
    let answer = run_in_shell(line).await;
    assert_eq!((&answer["success"], &answer["message"]), (&json!(true), &json!("登录成功")));
}

#[tokio::test]
async fn every_curl_line_of_the_document_works_with_only_the_host_and_the_token_replaced() {
    let service = Passport::new().start().await;
    let document = include_str!("../examples/applet/curl-lines.txt");
    let starts: Vec<usize> = document.match_indices("curl ").map(|(at, _)| at).chain([document.len()]).collect();
    let mut messages = Vec::new();

    for range in starts.windows(2) {
        let token = service.log_in_with("wx_login_code_here").await.token;
        let line = document[range[0]..range[1]]
            .replace("http://your-domain", &service.address)
            .replace("user_token_here", &token)
            .replace("old_token_here", &token);
        let answer = run_in_shell(&line).await;
        assert_eq!((&answer["success"], &answer["code"]), (&json!(true), &json!(200)), "{line}\n{answer}");
        messages.push(answer["message"].as_str().expect("a message").to_owned());
    }

    assert_eq!(
        messages,
        ["登录成功", "获取成功", "绑定成功", "刷新成功", "退出成功", "登录有效", "获取成功", "更新成功"]
    );
}

#[tokio::test]
async fn a_second_start_keeps_users_and_tokens() {
    let home = Passport::new();
    let service = home.start().await;
    let before = service.log_in("oKeeper").await;
    service.signal("TERM").await;
    assert!(service.ended().await.status.success());

    let service = home.start().await;

    let checked = service.check(&before.token).await;
    assert_eq!(checked.verdict(), (200, "登录有效"));
    assert_eq!(checked.body["result"]["id"], before.applet_id.as_str());
    assert_eq!(service.log_in("oKeeper").await.applet_id, before.applet_id);
    assert_ne!(service.log_in("oStranger").await.applet_id, before.applet_id);
}

#[tokio::test]
async fn the_sandbox_and_the_service_share_no_route() {
    let service = Passport::new().start().await;

    for (method, path) in [
        (Method::GET, "/sns/jscode2session"),
        (Method::GET, "/cgi-bin/token"),
        (Method::POST, "/cgi-bin/stable_token"),
        (Method::POST, "/wxa/business/getuserphonenumber"),
        (Method::GET, "/sns/oauth2/access_token"),
        (Method::GET, "/sns/userinfo"),
        (Method::GET, "/connect/oauth2/authorize"),
        (Method::POST, "/codes/login"),
        (Method::POST, "/codes/phone"),
        (Method::POST, "/codes/oauth"),
        (Method::GET, "/sms"),
        (Method::GET, "/faults"),
        (Method::GET, "/calls?path=/sms"),
        (Method::GET, "/callback"),
        (Method::GET, "/page.js"),
        (Method::GET, "/"),
    ] {
        assert_ne!(status(service.ask_sandbox(method.clone(), path)).await, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(status(service.request(method, path)).await, StatusCode::NOT_FOUND, "{path}");
    }
    for (method, path) in [
        (Method::POST, LOGIN),
        (Method::GET, "/applet/login/checkLogin"),
        (Method::GET, "/docs"),
        (Method::GET, "/healthz"),
        (Method::GET, "/readyz"),
        (Method::GET, "/openapi.json"),
        (Method::GET, "/openapi/applet.json"),
    ] {
        assert_ne!(status(service.request(method.clone(), path)).await, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(status(service.ask_sandbox(method, path)).await, StatusCode::NOT_FOUND, "{path}");
    }
}

async fn status(request: reqwest::RequestBuilder) -> StatusCode {
    request.send().await.expect("an answer").status()
}

#[tokio::test]
async fn the_service_says_that_it_lives_and_whether_it_can_serve() {
    let home = Passport::new();
    let service = home.start().await;
    assert_eq!(health(&service, "/healthz").await, (StatusCode::OK, json!({"status": "ok"})));
    assert_eq!(health(&service, "/readyz").await, (StatusCode::OK, json!({"status": "ready"})));

    // Without its row a migration counts as not applied.
    let database = home.database().await;
    let forget = "DELETE FROM seaql_migrations";
    sea_orm::ConnectionTrait::execute_unprepared(&database, forget).await.expect("a write beside the service");

    let reason = json!({"status": "unavailable", "reason": "schema not migrated"});
    assert_eq!(health(&service, "/readyz").await, (StatusCode::SERVICE_UNAVAILABLE, reason));
    assert_eq!(health(&service, "/healthz").await.0, StatusCode::OK);
}

async fn health(service: &Service, path: &str) -> (StatusCode, Value) {
    let response = service.get(path).await;
    (response.status(), response.json().await.expect("JSON"))
}

#[tokio::test]
async fn the_documentation_is_one_page_that_loads_nothing_from_elsewhere_and_travels_compressed() {
    let service = Passport::new().start().await;
    let ask = |encoding: &'static str| service.request(Method::GET, "/docs").header(ACCEPT_ENCODING, encoding).send();

    let plain = ask("identity").await.expect("an answer");
    assert!(plain.headers()[CONTENT_TYPE].to_str().expect("text").starts_with("text/html"));
    assert!(plain.headers().get(CONTENT_ENCODING).is_none());
    let page = plain.text().await.expect("a page");
    let compressed = ask("gzip").await.expect("an answer");

    assert!(page.contains("SwaggerUIBundle"));
    for operation in ["wxLogin", "getPhoneNumber", "updateUserInfo"] {
        assert!(page.contains(operation), "the page holds the spec with {operation}");
    }
    let foreign =
        Regex::new(r#"<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)\s*=\s*["']?(?:https?:)?//[^>]*>"#).unwrap();
    assert_eq!(foreign.find(&page).map(|tag| tag.as_str()), None);
    assert_eq!(compressed.headers()[CONTENT_ENCODING], "gzip");
    let bytes = compressed.bytes().await.expect("a body");
    assert!(bytes.starts_with(b"\x1f\x8b") && bytes.len() * 2 < page.len());
}

#[tokio::test]
async fn the_specs_that_are_served_are_the_committed_ones() {
    let service = Passport::new().start().await;
    for (path, committed) in [
        ("/openapi.json", include_str!("../../openapi/openapi.json")),
        ("/openapi/applet.json", include_str!("../../openapi/applet.json")),
    ] {
        let response = service.get(path).await;
        assert_eq!(response.headers()[CONTENT_TYPE], "application/json");
        assert!(response.text().await.expect("text") == committed, "{path} differs from the committed file");
    }
}
