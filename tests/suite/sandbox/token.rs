use super::*;

#[tokio::test]
async fn a_stable_token_stays_the_same_until_its_last_five_minutes() {
    let sandbox = SandboxServer::start().await;
    let first = sandbox.stable_token(false).await;
    assert!(first["access_token"].as_str().is_some_and(|token| token.len() >= 130));
    assert_eq!(first["expires_in"], 7200);
    assert_eq!(first.get("errcode"), None);

    sandbox.seconds_pass(6899);
    let same = sandbox.stable_token(false).await;
    assert_eq!(same["access_token"], first["access_token"]);
    assert_eq!(same["expires_in"], 301, "what is left of its life");

    sandbox.seconds_pass(1);
    let second = sandbox.stable_token(false).await;
    assert_ne!(second["access_token"], first["access_token"]);
    assert_eq!(second["expires_in"], 7200);
    assert_eq!((sandbox.standing(&first).await, sandbox.standing(&second).await), (0, 0), "both are good");

    sandbox.seconds_pass(300);
    assert_eq!((sandbox.standing(&first).await, sandbox.standing(&second).await), (42001, 0));
}

#[tokio::test]
async fn a_forced_stable_token_ends_the_ones_before_it() {
    let sandbox = SandboxServer::start().await;
    let first = sandbox.stable_token(false).await;
    let forced = sandbox.stable_token(true).await;

    assert_eq!((sandbox.standing(&first).await, sandbox.standing(&forced).await), (40001, 0));
    assert_eq!(sandbox.stable_token(false).await["access_token"], forced["access_token"]);
}

#[tokio::test]
async fn a_stable_token_can_be_forced_twenty_times_a_day() {
    let sandbox = SandboxServer::start().await;
    for _ in 0..20 {
        assert_eq!(sandbox.stable_token(true).await["expires_in"], 7200);
    }
    assert_eq!(errcode(&sandbox.stable_token(true).await), 45009);
    assert_eq!(sandbox.stable_token(false).await["expires_in"], 7200);
    sandbox.seconds_pass(86_400);
    assert_eq!(sandbox.stable_token(true).await["expires_in"], 7200);
}

#[tokio::test]
async fn each_plain_token_replaces_the_one_before_which_lives_five_minutes_more() {
    let sandbox = SandboxServer::start().await;
    let first = sandbox.plain_token().await;
    let second = sandbox.plain_token().await;
    assert_ne!(first["access_token"], second["access_token"]);

    sandbox.seconds_pass(299);
    assert_eq!((sandbox.standing(&first).await, sandbox.standing(&second).await), (0, 0));
    sandbox.seconds_pass(1);
    assert_eq!((sandbox.standing(&first).await, sandbox.standing(&second).await), (40001, 0));
}

#[tokio::test]
async fn plain_and_stable_tokens_leave_each_other_alone() {
    let sandbox = SandboxServer::start().await;
    let (plain, stable) = (sandbox.plain_token().await, sandbox.stable_token(false).await);
    sandbox.stable_token(true).await;
    assert_eq!((sandbox.standing(&plain).await, sandbox.standing(&stable).await), (0, 40001));
}

#[tokio::test]
async fn plain_tokens_run_out_for_the_day() {
    let sandbox = SandboxServer::start().await;
    for _ in 0..2000 {
        assert_eq!(sandbox.plain_token().await["expires_in"], 7200);
    }
    assert_eq!(errcode(&sandbox.plain_token().await), 45009);
    sandbox.seconds_pass(86_400);
    assert_eq!(sandbox.plain_token().await["expires_in"], 7200);
}

#[tokio::test]
async fn tokens_are_for_apps_that_say_who_they_are() {
    let sandbox = SandboxServer::start().await;
    let grant = "client_credential";
    for (expected, appid, secret, grant_type) in [
        (41002, "", MINI_SECRET, grant),
        (41004, MINI, "", grant),
        (40013, "wx_nobody", MINI_SECRET, grant),
        (40125, MINI, "wrong", grant),
        (40002, MINI, MINI_SECRET, "authorization_code"),
    ] {
        let query = [("grant_type", grant_type), ("appid", appid), ("secret", secret)];
        let plain = json_of(sandbox.get("/cgi-bin/token", &query).await).await;
        let question = json!({"grant_type": grant_type, "appid": appid, "secret": secret});
        let stable = json_of(sandbox.send(Method::POST, "/cgi-bin/stable_token", question).await).await;
        assert_eq!((errcode(&plain), errcode(&stable)), (expected, expected), "{query:?}");
    }
    let officials = [("grant_type", grant), ("appid", OFFICIAL), ("secret", OFFICIAL_SECRET)];
    assert_eq!(json_of(sandbox.get("/cgi-bin/token", &officials).await).await["expires_in"], 7200);
}

#[tokio::test]
async fn a_stable_token_is_asked_for_by_post_in_json() {
    let sandbox = SandboxServer::start().await;
    assert_eq!(errcode(&json_of(sandbox.get("/cgi-bin/stable_token", &[]).await).await), 43002);
    for (body, expected) in
        [("grant_type=client_credential", 47001), ("{\"force_refresh\": \"yes\"}", 47001), ("", 44002)]
    {
        let response =
            sandbox.request(Method::POST, "/cgi-bin/stable_token").body(body).send().await.expect("a response");
        assert_eq!(errcode(&json_of(response).await), expected, "{body}");
    }
}
