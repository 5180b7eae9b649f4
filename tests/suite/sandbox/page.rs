use super::*;

async fn page(world: &World) -> String {
    world.get("/", &[]).await.text().await.expect("a page")
}

#[tokio::test]
async fn the_page_shows_what_people_look_for() {
    let world = World::start().await;
    let code = world.mint("login", json!({"openid": "o-anna", "unionid": "u-anna"})).await;
    let phone_code = world.mint("phone", json!({"phone": "13900139000"})).await;
    let oauth_code = world.mint("oauth", json!({"nickname": "小明"})).await;
    world.send(Method::POST, "/sms", json!({"mobile": "13700137000", "type": "register", "code": "135790"})).await;
    world.set_fault(json!({"path": "/cgi-bin/token", "kind": "status", "value": 503, "times": 77})).await;

    let shown = page(&world).await;

    for text in [code.as_str(), &phone_code, &oauth_code, "o-anna", "u-anna", "13900139000", "小明", "可用"] {
        assert!(shown.contains(text), "{text}");
    }
    for text in [MINI, OFFICIAL, ">503<", ">77<", "13700137000", "register", "135790"] {
        assert!(shown.contains(text), "{text}");
    }
    assert!(!shown.contains(MINI_SECRET));
    assert!(!shown.contains("{{"), "every place of the template is filled");

    world.log_in(&code).await;
    assert!(page(&world).await.contains("已使用"));
    world.seconds_pass(300);
    assert!(page(&world).await.contains("已过期"));
}

#[tokio::test]
async fn what_was_sent_in_is_shown_and_never_run() {
    let world = World::start().await;
    let attack = "<script>alert('1')</script>&\"{{codes}}";
    world.mint("login", json!({"openid": attack, "unionid": attack})).await;
    world.mint("phone", json!({"openid": attack})).await;
    world.mint("oauth", json!({"nickname": attack})).await;
    world.send(Method::POST, "/sms", json!({"mobile": "attack", "type": "<b>", "code": "<script>alert"})).await;
    world.set_fault(json!({"path": "/cgi-bin/token", "kind": "body", "value": attack})).await;

    let shown = page(&world).await;

    assert!(!shown.contains("<script>alert"));
    let harmless = "&#60;script&#62;alert(&#39;1&#39;)&#60;/script&#62;&#38;&#34;{{codes}}";
    assert!(shown.matches(harmless).count() >= 6);
}

#[tokio::test]
async fn the_page_loads_nothing_from_elsewhere() {
    let world = World::start().await;
    let response = world.get("/", &[]).await;
    let policy = response.headers()["content-security-policy"].to_str().expect("a policy").to_owned();
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");
    assert_eq!(response.headers()["cache-control"], "no-store");

    let shown = response.text().await.expect("a page");
    let own = shown.replace("http://127.0.0.1:8080", "");
    assert!(!own.contains("//"), "no address of another host");
    for (path, content_type) in [("/page.css", "text/css"), ("/page.js", "text/javascript")] {
        assert!(shown.contains(path));
        let file = world.get(path, &[]).await;
        assert_eq!(file.status(), StatusCode::OK);
        assert!(file.headers()["content-type"].to_str().is_ok_and(|kind| kind.starts_with(content_type)));
    }
}
