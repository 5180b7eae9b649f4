use super::*;

async fn page(sandbox: &SandboxServer) -> String {
    sandbox.get("/", &[]).await.text().await.expect("a page")
}

#[tokio::test]
async fn the_page_shows_what_people_look_for() {
    let sandbox = SandboxServer::start().await;
    let code = sandbox.mint("login", json!({"openid": "o-anna", "unionid": "u-anna"})).await;
    let phone_code = sandbox.mint("phone", json!({"phone": "13900139000"})).await;
    let oauth_code = sandbox.mint("oauth", json!({"nickname": "小明"})).await;
    sandbox.send(Method::POST, "/sms", json!({"mobile": "13700137000", "type": "register", "code": "135790"})).await;
    sandbox.set_fault(json!({"path": "/cgi-bin/token", "kind": "status", "value": 503, "times": 77})).await;

    let shown = page(&sandbox).await;

    for text in [code.as_str(), &phone_code, &oauth_code, "o-anna", "u-anna", "13900139000", "小明", "可用"] {
        assert!(shown.contains(text), "{text}");
    }
    for text in [MINI, OFFICIAL, ">503<", ">77<", "13700137000", "register", "135790"] {
        assert!(shown.contains(text), "{text}");
    }
    assert!(!shown.contains(MINI_SECRET));
    assert!(!shown.contains("{{"), "every place of the template is filled");

    sandbox.log_in(&code).await;
    assert!(page(&sandbox).await.contains("已使用"));
    sandbox.seconds_pass(300);
    assert!(page(&sandbox).await.contains("已过期"));
}

#[tokio::test]
async fn what_was_sent_in_is_shown_and_never_run() {
    let sandbox = SandboxServer::start().await;
    let attack = "<script>alert('1')</script>&\"{{codes}}";
    sandbox.mint("login", json!({"openid": attack, "unionid": attack})).await;
    sandbox.mint("phone", json!({"openid": attack})).await;
    sandbox.mint("oauth", json!({"nickname": attack})).await;
    sandbox.send(Method::POST, "/sms", json!({"mobile": "attack", "type": "<b>", "code": "<script>alert"})).await;
    sandbox.set_fault(json!({"path": "/cgi-bin/token", "kind": "body", "value": attack})).await;

    let shown = page(&sandbox).await;

    assert!(!shown.contains("<script>alert"));
    let harmless = "&#60;script&#62;alert(&#39;1&#39;)&#60;/script&#62;&#38;&#34;{{codes}}";
    assert!(shown.matches(harmless).count() >= 6);
}

#[tokio::test]
async fn the_page_loads_nothing_from_elsewhere() {
    let sandbox = SandboxServer::start().await;
    let response = sandbox.get("/", &[]).await;
    let policy = response.headers()["content-security-policy"].to_str().expect("a policy").to_owned();
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");
    assert_eq!(response.headers()["cache-control"], "no-store");

    let shown = response.text().await.expect("a page");
    let own = shown.replace("http://127.0.0.1:8080", "");
    assert!(!own.contains("//"), "no address of another host");
    for (path, content_type) in [("/page.css", "text/css"), ("/page.js", "text/javascript")] {
        assert!(shown.contains(path));
        let file = sandbox.get(path, &[]).await;
        assert_eq!(file.status(), StatusCode::OK);
        assert!(file.headers()["content-type"].to_str().is_ok_and(|kind| kind.starts_with(content_type)));
    }
}
