//! The first start: a fresh folder, one command, and the documented calls.

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

    let docs = service.client.get(listed(&page, "Swagger UI").expect("a line")).send().await.expect("a response");
    assert!(docs.text().await.expect("a page").contains("swagger"));
    let sandbox = service.client.get(listed(&page, "Sandbox").expect("a line")).send().await.expect("a response");
    assert_eq!(sandbox.status(), StatusCode::OK);
    let data = std::path::Path::new(listed(&page, "Data folder").expect("a line"));
    assert_eq!(data.canonicalize().expect("a folder"), home.path("data").canonicalize().expect("a folder"));
    let line = page.lines().find_map(|line| line.trim().strip_prefix("Try it")).expect("a line to try").trim();
    let response = run_in_shell(line).await;
    assert_eq!((&response["success"], &response["message"]), (&json!(true), &json!("登录成功")));
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
        let response = run_in_shell(&line).await;
        assert_eq!((&response["success"], &response["code"]), (&json!(true), &json!(200)), "{line}\n{response}");
        messages.push(response["message"].as_str().expect("a message").to_owned());
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
    request.send().await.expect("a response").status()
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
async fn the_documentation_is_a_chinese_page_whose_files_are_all_ours_and_travel_compressed() {
    let service = Passport::new().start().await;
    let ask = async |path: &str, encoding: &'static str| {
        let request = service.request(Method::GET, path).header(ACCEPT_ENCODING, encoding);
        let response = request.send().await.expect("a response");
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        response
    };

    let page = ask("/docs", "identity").await.text().await.expect("a page");

    assert!(page.contains("<html lang=\"zh-CN\">") && page.contains("openapi/sdk/"));
    assert!(page.contains(&format!("href=\"{}/\"", service.sandbox_address())), "the page leads to the sandbox");
    for operation in ["wxLogin", "getPhoneNumber", "updateUserInfo", "loginPage", "autologin", "wechatAuthorize"] {
        assert!(page.contains(&format!("\"operationId\":\"{operation}\"")), "the page holds the spec with {operation}");
    }
    for spec in ["/openapi.json", "/openapi/applet.json", "/openapi/mall.json"] {
        assert!(page.contains(&format!("href=\"{spec}\"")), "the page links to {spec}");
        ask(spec, "gzip").await;
    }
    let loaded = Regex::new(r#"<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)="([^"]*)""#).unwrap();
    let loaded: Vec<&str> = loaded.captures_iter(&page).map(|tag| tag.get(1).expect("an address").as_str()).collect();
    assert_eq!(loaded, ["data:,", "/docs/swagger-ui.css", "/docs/docs.css", "/docs/swagger-ui.js", "/docs/docs.js"]);

    for path in loaded[1..].iter().copied().chain(["/docs", "/docs/"]) {
        let plain = ask(path, "gzip;q=0").await;
        assert!(plain.headers().get(CONTENT_ENCODING).is_none());
        let plain = plain.bytes().await.expect("a body");
        for _ in 0..2 {
            let compressed = ask(path, "br, gzip").await;
            assert_eq!(compressed.headers()[CONTENT_ENCODING], "gzip");
            let bytes = compressed.bytes().await.expect("a body");
            assert!(bytes.starts_with(b"\x1f\x8b") && bytes.len() < plain.len(), "{path}");
        }
    }
}

#[tokio::test]
async fn the_documentation_runs_no_script_but_its_own() {
    let service = Passport::new().start().await;
    for path in ["/docs", "/docs/"] {
        let response = service.get(path).await;
        let policy = response.headers()["content-security-policy"].to_str().expect("a policy").to_owned();
        assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
        assert!(response.headers()[CONTENT_TYPE].to_str().expect("text").starts_with("text/html"));
        let refused = service.request(Method::POST, path).send().await.expect("an response");
        assert_eq!(refused.status(), StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(refused.headers()["allow"], "GET, HEAD");
    }
}

#[tokio::test]
async fn the_specs_that_are_served_are_the_committed_ones() {
    let service = Passport::new().start().await;
    for (path, committed) in [
        ("/openapi.json", include_str!("../../openapi/openapi.json")),
        ("/openapi/applet.json", include_str!("../../openapi/applet.json")),
        ("/openapi/mall.json", include_str!("../../openapi/mall.json")),
    ] {
        let response = service.get(path).await;
        assert_eq!(response.headers()[CONTENT_TYPE], "application/json");
        assert!(response.text().await.expect("text") == committed, "{path} differs from the committed file");
    }
}
