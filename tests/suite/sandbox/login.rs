use super::*;

#[tokio::test]
async fn the_documents_login_code_works_any_number_of_times() {
    let sandbox = SandboxServer::start().await;
    for _ in 0..3 {
        let response = sandbox.log_in("wx_login_code_here").await;
        assert_eq!(response, json!({"session_key": "session_key_123", "openid": "wx_openid_123"}));
        sandbox.seconds_pass(1000);
    }
}

#[tokio::test]
async fn a_minted_code_tells_who_logs_in() {
    let sandbox = SandboxServer::start().await;
    let code = sandbox.mint("login", json!({"openid": "o-anna", "unionid": "u-anna"})).await;

    let response = sandbox.log_in(&code).await;

    assert_eq!(response["openid"], "o-anna");
    assert_eq!(response["unionid"], "u-anna");
    assert_eq!(response["session_key"].as_str().map(str::len), Some(24), "16 bytes in base64");
    assert_eq!(response.get("errcode"), None);
}

#[tokio::test]
async fn without_fields_a_code_is_a_stranger_without_unionid() {
    let sandbox = SandboxServer::start().await;
    let first = sandbox.log_in(&sandbox.mint("login", json!({})).await).await;
    let second = sandbox.log_in(&sandbox.mint("login", json!({"openid": null})).await).await;

    assert_eq!(first["openid"].as_str().map(str::len), Some(28));
    assert_ne!(first["openid"], second["openid"]);
    assert_eq!(first.get("unionid"), None);
}

#[tokio::test]
async fn a_unionid_once_given_stays_with_the_openid() {
    let sandbox = SandboxServer::start().await;
    sandbox.mint("login", json!({"openid": "o-anna", "unionid": "u-anna"})).await;

    let later = sandbox.mint("login", json!({"openid": "o-anna"})).await;

    assert_eq!(sandbox.log_in(&later).await["unionid"], "u-anna");
}

#[tokio::test]
async fn each_login_replaces_the_session_key() {
    let sandbox = SandboxServer::start().await;
    let first = sandbox.log_in(&sandbox.mint("login", json!({"openid": "o-anna"})).await).await;
    let second = sandbox.log_in(&sandbox.mint("login", json!({"openid": "o-anna"})).await).await;
    assert_ne!(first["session_key"], second["session_key"]);

    let page = sandbox.get("/", &[]).await.text().await.expect("a page");

    let key = |response: &Value| response["session_key"].as_str().expect("a key").to_owned();
    assert!(page.contains(&key(&second)));
    assert!(!page.contains(&key(&first)));
}

#[tokio::test]
async fn a_code_works_once() {
    let sandbox = SandboxServer::start().await;
    let code = sandbox.mint("login", json!({})).await;
    sandbox.log_in(&code).await;
    assert_eq!(errcode(&sandbox.log_in(&code).await), 40163);
}

#[tokio::test]
async fn of_many_exchanges_of_one_code_at_once_one_succeeds() {
    let sandbox = Arc::new(SandboxServer::start().await);
    let code = sandbox.mint("login", json!({})).await;

    let tries: Vec<_> = (0..20)
        .map(|_| {
            let (sandbox, code) = (sandbox.clone(), code.clone());
            tokio::spawn(async move { sandbox.log_in(&code).await })
        })
        .collect();
    let mut succeeded = 0;
    for response in tries {
        let response = response.await.expect("a response");
        if response.get("openid").is_some() {
            succeeded += 1;
        } else {
            assert_eq!(errcode(&response), 40163);
        }
    }

    assert_eq!(succeeded, 1);
}

#[tokio::test]
async fn a_code_lives_five_minutes() {
    let sandbox = SandboxServer::start().await;
    let (in_time, too_late) = (sandbox.mint("login", json!({})).await, sandbox.mint("login", json!({})).await);

    sandbox.seconds_pass(299);
    assert!(sandbox.log_in(&in_time).await.get("openid").is_some());
    sandbox.seconds_pass(1);
    assert_eq!(errcode(&sandbox.log_in(&too_late).await), 40029);
    assert_eq!(errcode(&sandbox.log_in(&in_time).await), 40029, "used, but too old to tell");
}

#[tokio::test]
async fn codes_of_another_kind_and_unknown_ones_are_invalid() {
    let sandbox = SandboxServer::start().await;
    let phone_code = sandbox.mint("phone", json!({})).await;
    let oauth_code = sandbox.mint("oauth", json!({})).await;
    for code in [phone_code.as_str(), &oauth_code, "phone_code_here", "never-minted"] {
        assert_eq!(errcode(&sandbox.log_in(code).await), 40029, "{code}");
    }
}

#[tokio::test]
async fn the_app_must_say_who_it_is_and_a_refused_call_does_not_spend_the_code() {
    let sandbox = SandboxServer::start().await;
    let code = sandbox.mint("login", json!({})).await;
    let grant = "authorization_code";
    for (expected, appid, secret, js_code, grant_type) in [
        (41002, "", MINI_SECRET, code.as_str(), grant),
        (41004, MINI, "", &code, grant),
        (40013, "wx_nobody", MINI_SECRET, &code, grant),
        (40125, MINI, "wrong", &code, grant),
        (40013, OFFICIAL, OFFICIAL_SECRET, &code, grant),
        (40002, MINI, MINI_SECRET, &code, "client_credential"),
        (40002, MINI, MINI_SECRET, &code, ""),
        (41008, MINI, MINI_SECRET, "", grant),
    ] {
        let query = [("appid", appid), ("secret", secret), ("js_code", js_code), ("grant_type", grant_type)];
        let response = json_of(sandbox.get("/sns/jscode2session", &query).await).await;
        assert_eq!(errcode(&response), expected, "{query:?}");
    }

    assert!(sandbox.log_in(&code).await.get("openid").is_some());
}

#[tokio::test]
async fn errors_look_as_wechats_do() {
    let sandbox = SandboxServer::start().await;
    let first = sandbox.get("/sns/jscode2session", &[]).await;
    let second = sandbox.get("/sns/jscode2session", &[]).await;

    assert_eq!(first.status(), StatusCode::OK);
    assert_eq!(first.headers()["content-type"], "text/plain");
    let (first, second) = (json_of(first).await, json_of(second).await);
    let words = first["errmsg"].as_str().expect("words");
    assert!(words.starts_with("appid missing, rid: "), "{words}");
    assert_ne!(first["errmsg"], second["errmsg"], "the request id changes");
}

#[tokio::test]
async fn minting_refuses_bad_input_with_words_that_name_the_field() {
    let sandbox = SandboxServer::start().await;
    for (path, body, named) in [
        ("/codes/login", json!({"openid": 5}), "openid"),
        ("/codes/login", json!({"openid": ""}), "openid"),
        ("/codes/login", json!({"openid": "o".repeat(65)}), "openid"),
        ("/codes/login", json!({"openid": "two\nlines"}), "openid"),
        ("/codes/login", json!({"unionid": ["u"]}), "unionid"),
        ("/codes/login", json!({"unoinid": "u"}), "unoinid"),
        ("/codes/login", json!(["o-anna"]), "object"),
        ("/codes/phone", json!({"phone": 13_800_138_000_i64}), "phone"),
        ("/codes/phone", json!({"phone": "12345"}), "phone"),
        ("/codes/phone", json!({"phone": "+999"}), "phone"),
        ("/codes/phone", json!({"phone": "1".repeat(33)}), "phone"),
        ("/codes/phone", json!({"openid": {}}), "openid"),
        ("/codes/oauth", json!({"nickname": 5}), "nickname"),
        ("/codes/oauth", json!({"sex": 3}), "sex"),
        ("/codes/oauth", json!({"sex": "1"}), "sex"),
        ("/codes/oauth", json!({"headimgurl": "h".repeat(513)}), "headimgurl"),
        ("/codes/oauth", json!({"is_snapshotuser": 2}), "is_snapshotuser"),
        ("/codes/oauth", json!({"scope": "snsapi_base"}), "scope"),
    ] {
        let (status, words) = refusal(sandbox.send(Method::POST, path, body.clone()).await).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{body}");
        assert!(words.contains(named), "{body}: {words}");
    }
    let broken = sandbox.request(Method::POST, "/codes/login").body("{\"openid\":").send().await.expect("a response");
    assert_eq!(refusal(broken).await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn an_empty_body_mints_a_stranger() {
    let sandbox = SandboxServer::start().await;
    let response = sandbox.request(Method::POST, "/codes/login").send().await.expect("a response");
    let code = json_of(response).await["code"].as_str().expect("a code").to_owned();
    assert!(sandbox.log_in(&code).await.get("openid").is_some());
}

#[tokio::test]
async fn what_the_sandbox_does_not_have_is_refused_in_json() {
    let sandbox = SandboxServer::start().await;
    let unknown = sandbox.get("/applet/login/wxLogin", &[]).await;
    assert_eq!(refusal(unknown).await.0, StatusCode::NOT_FOUND);
    let wrong_method = sandbox.get("/codes/login", &[]).await;
    assert_eq!(refusal(wrong_method).await.0, StatusCode::METHOD_NOT_ALLOWED);
    let too_large = sandbox.send(Method::POST, "/codes/login", json!({"openid": "o".repeat(65 * 1024)})).await;
    assert_eq!(refusal(too_large).await.0, StatusCode::PAYLOAD_TOO_LARGE);
}
