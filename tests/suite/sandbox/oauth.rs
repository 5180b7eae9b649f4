use std::collections::HashMap;

use super::*;

const RETURN_TO: &str = "https://shop.example/back?from=wechat";

fn question<'a>() -> HashMap<&'a str, &'a str> {
    HashMap::from([
        ("appid", OFFICIAL),
        ("redirect_uri", RETURN_TO),
        ("response_type", "code"),
        ("scope", "snsapi_userinfo"),
        ("state", "Abc123"),
    ])
}

/// The person's decision on the consent page that `question` leads to.
async fn decide(sandbox: &SandboxServer, question: &HashMap<&str, &str>, form: &[(&str, &str)]) -> Response {
    let request = sandbox.request(Method::POST, "/connect/oauth2/authorize").query(question).form(form);
    request.send().await.expect("a response")
}

/// The query of the address to which the person is sent back.
fn way_back(response: &Response) -> HashMap<String, String> {
    assert_eq!(response.status(), StatusCode::FOUND);
    let address = url::Url::parse(response.headers()["location"].to_str().expect("text")).expect("an address");
    assert_eq!(address.host_str(), Some("shop.example"));
    address.query_pairs().into_owned().collect()
}

async fn user_info(sandbox: &SandboxServer, token: &str, openid: &str) -> Value {
    let query = [("access_token", token), ("openid", openid), ("lang", "zh_CN")];
    json_of(sandbox.get("/sns/userinfo", &query).await).await
}

fn text<'a>(response: &'a Value, field: &str) -> &'a str {
    response[field].as_str().expect("a text")
}

#[tokio::test]
async fn a_person_who_allows_it_comes_back_with_a_code_and_the_state() {
    let sandbox = SandboxServer::start().await;
    let page = sandbox.request(Method::GET, "/connect/oauth2/authorize").query(&question()).send().await;
    let page = page.expect("a response");
    assert_eq!(page.status(), StatusCode::OK);
    let shown = page.text().await.expect("a page");
    assert!(shown.contains("允许") && shown.contains("拒绝") && shown.contains(RETURN_TO));

    let form = [("decision", "allow"), ("person", ""), ("openid", "o-anna"), ("nickname", "安娜"), ("sex", "2")];
    let back = way_back(&decide(&sandbox, &question(), &form).await);

    assert_eq!(back["state"], "Abc123");
    assert_eq!(back["from"], "wechat", "the address keeps its own query");
    let token = sandbox.exchange(&back["code"]).await;
    assert_eq!(token["openid"], "o-anna");
    let profile = user_info(&sandbox, text(&token, "access_token"), "o-anna").await;
    assert_eq!((&profile["nickname"], &profile["sex"]), (&json!("安娜"), &json!(2)));
}

#[tokio::test]
async fn somebody_known_can_be_picked() {
    let sandbox = SandboxServer::start().await;
    sandbox.mint("oauth", json!({"openid": "o-anna", "nickname": "安娜<b>", "unionid": "u-anna"})).await;
    let page = sandbox.request(Method::GET, "/connect/oauth2/authorize").query(&question()).send().await;
    let shown = page.expect("a response").text().await.expect("a page");
    assert!(shown.contains("<option value=\"o-anna\">安娜&#60;b&#62; · o-anna"), "{shown}");

    let form = [("decision", "allow"), ("person", "o-anna"), ("nickname", "somebody else"), ("sex", "")];
    let token = sandbox.exchange(&way_back(&decide(&sandbox, &question(), &form).await)["code"]).await;

    let profile = user_info(&sandbox, text(&token, "access_token"), "o-anna").await;
    assert_eq!((&profile["nickname"], &profile["unionid"]), (&json!("安娜<b>"), &json!("u-anna")));
}

#[tokio::test]
async fn a_person_who_refuses_comes_back_with_the_state_alone() {
    let sandbox = SandboxServer::start().await;
    let mut back = way_back(&decide(&sandbox, &question(), &[("decision", "refuse"), ("openid", "o-anna")]).await);
    assert_eq!(back.remove("state").as_deref(), Some("Abc123"));
    assert!(!back.contains_key("code"));
}

#[tokio::test]
async fn the_consent_page_says_what_is_wrong_with_a_question() {
    let sandbox = SandboxServer::start().await;
    let long = "a".repeat(129);
    for (field, wrong) in [
        ("appid", MINI),
        ("appid", "wx_nobody"),
        ("appid", ""),
        ("redirect_uri", "javascript:alert(1)"),
        ("redirect_uri", "/back"),
        ("redirect_uri", ""),
        ("response_type", "token"),
        ("scope", "snsapi_login"),
        ("scope", ""),
        ("state", &long),
        ("state", "a b"),
        ("state", "状态"),
    ] {
        let mut question = question();
        question.insert(field, wrong);
        let page = sandbox.request(Method::GET, "/connect/oauth2/authorize").query(&question).send().await;
        let page = page.expect("a response");
        assert_eq!(page.status(), StatusCode::BAD_REQUEST, "{field}={wrong}");
        assert!(page.text().await.expect("a page").contains(field), "{field}={wrong}");

        let decided = decide(&sandbox, &question, &[("decision", "allow")]).await;
        assert_eq!(decided.status(), StatusCode::BAD_REQUEST, "{field}={wrong}");
    }
    let undecided = decide(&sandbox, &question(), &[("openid", "o-anna")]).await;
    assert_eq!(undecided.status(), StatusCode::BAD_REQUEST);
    let wrong_sex = decide(&sandbox, &question(), &[("decision", "allow"), ("sex", "<script>")]).await;
    assert_eq!(wrong_sex.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_longest_state_and_none_at_all_are_fine() {
    let sandbox = SandboxServer::start().await;
    let longest = "a".repeat(128);
    let mut question = question();
    question.insert("state", &longest);
    assert_eq!(way_back(&decide(&sandbox, &question, &[("decision", "allow")]).await)["state"], longest);
    question.remove("state");
    let back = way_back(&decide(&sandbox, &question, &[("decision", "allow")]).await);
    assert!(back.contains_key("code") && !back.contains_key("state"));
}

#[tokio::test]
async fn a_minted_code_tells_who_visits() {
    let sandbox = SandboxServer::start().await;
    let fields = json!({
        "openid": "o-anna", "unionid": "u-anna", "nickname": "安娜", "sex": 2, "headimgurl": "https://img.example/a",
    });
    let token = sandbox.exchange(&sandbox.mint("oauth", fields).await).await;

    assert_eq!(token["expires_in"], 7200);
    assert_eq!(token["scope"], "snsapi_userinfo");
    assert_eq!(token["unionid"], "u-anna");
    assert!(!text(&token, "refresh_token").is_empty());
    assert_eq!(token.get("is_snapshotuser"), None);
    assert_eq!(
        user_info(&sandbox, text(&token, "access_token"), "o-anna").await,
        json!({
            "openid": "o-anna", "nickname": "安娜", "sex": 2, "language": "", "city": "", "province": "", "country": "",
            "headimgurl": "https://img.example/a", "privilege": [], "unionid": "u-anna",
        })
    );
}

#[tokio::test]
async fn what_a_visitor_leaves_out_is_made_up_once_and_then_known() {
    let sandbox = SandboxServer::start().await;
    let mut profiles = Vec::new();
    for _ in 0..2 {
        let token = sandbox.exchange(&sandbox.mint("oauth", json!({"openid": "o-anna"})).await).await;
        assert_eq!(token.get("unionid"), None);
        profiles.push(user_info(&sandbox, text(&token, "access_token"), "o-anna").await);
    }
    assert!(!text(&profiles[0], "nickname").is_empty());
    assert_eq!(profiles[0], profiles[1]);
}

#[tokio::test]
async fn a_snapshot_visitor_is_marked() {
    let sandbox = SandboxServer::start().await;
    for flag in [json!(1), json!(true)] {
        let token = sandbox.exchange(&sandbox.mint("oauth", json!({"is_snapshotuser": flag})).await).await;
        assert_eq!(token["is_snapshotuser"], 1);
    }
}

#[tokio::test]
async fn an_oauth_code_works_once_for_five_minutes() {
    let sandbox = SandboxServer::start().await;
    let (code, late) = (sandbox.mint("oauth", json!({})).await, sandbox.mint("oauth", json!({})).await);
    let login_code = sandbox.mint("login", json!({})).await;
    assert!(sandbox.exchange(&code).await.get("openid").is_some());
    assert_eq!(errcode(&sandbox.exchange(&code).await), 40163);
    assert_eq!(errcode(&sandbox.exchange("never-minted").await), 40029);
    assert_eq!(errcode(&sandbox.exchange(&login_code).await), 40029);
    sandbox.seconds_pass(300);
    assert_eq!(errcode(&sandbox.exchange(&late).await), 40029);
}

#[tokio::test]
async fn an_oauth_code_is_for_an_official_account_that_says_who_it_is() {
    let sandbox = SandboxServer::start().await;
    let code = sandbox.mint("oauth", json!({})).await;
    let grant = "authorization_code";
    for (expected, appid, secret, code, grant_type) in [
        (41002, "", OFFICIAL_SECRET, code.as_str(), grant),
        (41004, OFFICIAL, "", &code, grant),
        (40013, MINI, MINI_SECRET, &code, grant),
        (40125, OFFICIAL, "wrong", &code, grant),
        (40002, OFFICIAL, OFFICIAL_SECRET, &code, "client_credential"),
        (41008, OFFICIAL, OFFICIAL_SECRET, "", grant),
    ] {
        let query = [("appid", appid), ("secret", secret), ("code", code), ("grant_type", grant_type)];
        let response = json_of(sandbox.get("/sns/oauth2/access_token", &query).await).await;
        assert_eq!(errcode(&response), expected, "{query:?}");
    }
    assert!(sandbox.exchange(&code).await.get("openid").is_some());
}

#[tokio::test]
async fn a_profile_is_told_to_a_good_token_of_that_visitor() {
    let sandbox = SandboxServer::start().await;
    let token = sandbox.exchange(&sandbox.mint("oauth", json!({"openid": "o-anna"})).await).await;
    let token = text(&token, "access_token");
    let own = sandbox.plain_token().await;

    assert_eq!(errcode(&user_info(&sandbox, "", "o-anna").await), 41001);
    assert_eq!(errcode(&user_info(&sandbox, "made-up", "o-anna").await), 40001);
    assert_eq!(errcode(&user_info(&sandbox, text(&own, "access_token"), "o-anna").await), 40001, "an app's own token");
    assert_eq!(errcode(&user_info(&sandbox, token, "").await), 41009);
    assert_eq!(errcode(&user_info(&sandbox, token, "o-berta").await), 40003);
    sandbox.seconds_pass(7199);
    assert_eq!(user_info(&sandbox, token, "o-anna").await["openid"], "o-anna");
    sandbox.seconds_pass(1);
    assert_eq!(errcode(&user_info(&sandbox, token, "o-anna").await), 42001);
}

#[tokio::test]
async fn the_base_scope_tells_the_openid_alone() {
    let sandbox = SandboxServer::start().await;
    let mut question = question();
    question.insert("scope", "snsapi_base");
    let form = [("decision", "allow"), ("openid", "o-anna"), ("unionid", "u-anna")];
    let token = sandbox.exchange(&way_back(&decide(&sandbox, &question, &form).await)["code"]).await;

    assert_eq!((&token["scope"], &token["openid"]), (&json!("snsapi_base"), &json!("o-anna")));
    assert_eq!(token.get("unionid"), None);
    assert_eq!(errcode(&user_info(&sandbox, text(&token, "access_token"), "o-anna").await), 48001);
}

#[tokio::test]
async fn the_callback_page_shows_what_came_back_and_runs_none_of_it() {
    let sandbox = SandboxServer::start().await;
    let page = sandbox.get("/callback", &[("code", "\"><script>alert(1)"), ("state", "Abc123")]).await;
    let shown = page.text().await.expect("a page");
    assert!(shown.contains("value=\"&#34;&#62;&#60;script&#62;alert(1)\""), "{shown}");
    assert!(shown.contains("value=\"Abc123\""));

    let refused = sandbox.get("/callback", &[("state", "Abc123")]).await.text().await.expect("a page");
    assert!(refused.contains("拒绝"));
}

#[tokio::test]
async fn the_oauth_calls_can_fail_too() {
    let sandbox = SandboxServer::start().await;
    let code = sandbox.mint("oauth", json!({})).await;
    sandbox.set_fault(json!({"path": "/sns/oauth2/access_token", "kind": "errcode", "value": -1})).await;
    sandbox.set_fault(json!({"path": "/sns/userinfo", "kind": "status", "value": 500})).await;

    assert_eq!(errcode(&sandbox.exchange(&code).await), -1);
    let token = sandbox.exchange(&code).await;
    let query = [("access_token", text(&token, "access_token")), ("openid", text(&token, "openid"))];
    assert_eq!(sandbox.get("/sns/userinfo", &query).await.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(user_info(&sandbox, query[0].1, query[1].1).await["openid"], token["openid"]);
}
