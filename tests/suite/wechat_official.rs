//! The official account's calls, against the sandbox, and against a server that misbehaves as scripted.

use std::{collections::HashMap, time::Duration};

use futures_util::future::join_all;
use passport::{
    types::{Clock, OauthState, Random, Secret},
    upstream::wechat::{ClientSettings, OfficialUser, WechatClient, WechatError},
};
use reqwest::{Method, StatusCode};
use serde_json::json;
use url::Url;

use crate::{
    captured_log::CapturedLog,
    fake_upstream::{FakeUpstream, OAUTH_TOKEN, Reply, USER_INFO},
    sandbox::{MINI, MINI_SECRET, OFFICIAL, OFFICIAL_SECRET, SandboxServer},
};

const CODE: &str = "canary-oauth-code";
const TOKEN: &str = "canary-visitor-token";
const SECRET: &str = "canary-official-secret";
const RETURN_TO: &str = "https://shop.example/back?from=wechat&to=a b";
const STATE: &str = "Abc123";

fn settings(base: Url, secret: &str) -> ClientSettings {
    ClientSettings {
        open_base: base.clone(),
        api_base: base,
        mini_appid: MINI.to_owned(),
        mini_secret: Secret::new(MINI_SECRET),
        official: Some((OFFICIAL.to_owned(), Secret::new(secret))),
        // Long, so that tests which do not need it cannot fail by it on a busy machine.
        deadline: Duration::from_secs(30),
        connect_timeout: Duration::from_secs(5),
        max_concurrency: 200,
    }
}

fn client_with(settings: ClientSettings) -> WechatClient {
    WechatClient::new(settings, Clock::system(), Random::seeded(1)).expect("a client")
}

fn client_of(sandbox: &SandboxServer) -> WechatClient {
    client_with(settings(sandbox.address.parse().expect("a URL"), OFFICIAL_SECRET))
}

fn client(fake: &FakeUpstream) -> WechatClient {
    client_with(settings(fake.base(), SECRET))
}

/// A fake WeChat at which everything works.
async fn healthy() -> FakeUpstream {
    let fake = FakeUpstream::start().await;
    fake.responses(OAUTH_TOKEN, [visit("snsapi_userinfo")]);
    fake.responses(USER_INFO, [profile()]);
    fake
}

fn visit(scope: &str) -> Reply {
    let visit = json!({ "access_token": TOKEN, "expires_in": 7200, "openid": "o_anna", "scope": scope });
    Reply::Document(visit.to_string())
}

fn profile() -> Reply {
    let profile = json!({
        "openid": "o_anna", "unionid": "u_anna", "nickname": "安娜", "sex": 2, "headimgurl": "https://a.example/1",
    });
    Reply::Document(profile.to_string())
}

type Seen = (String, Option<String>, Option<String>, Option<i32>, Option<String>);

fn seen(outcome: Result<OfficialUser, WechatError>) -> Result<Seen, WechatError> {
    outcome.map(|OfficialUser { openid, unionid, nickname, sex, avatar }| (openid, unionid, nickname, sex, avatar))
}

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn anna() -> Result<Seen, WechatError> {
    Ok(("o_anna".to_owned(), text("u_anna"), text("安娜"), Some(2), text("https://a.example/1")))
}

/// What a person brings back who goes to `page` and decides so.
async fn decide(sandbox: &SandboxServer, page: &str, form: &[(&str, &str)]) -> HashMap<String, String> {
    let response = sandbox.client().post(page).form(form).send().await.expect("a response");
    assert_eq!(response.status(), StatusCode::FOUND);
    let address = Url::parse(response.headers()["location"].to_str().expect("text")).expect("an address");
    assert_eq!(address.host_str(), Some("shop.example"));
    address.query_pairs().into_owned().collect()
}

#[tokio::test]
async fn a_person_who_allows_it_on_the_page_is_known_with_their_profile() {
    let sandbox = SandboxServer::start().await;
    let client = client_of(&sandbox);
    let page = client.authorize_url(RETURN_TO, &OauthState::new(STATE)).expect("there is an official account");

    let form = [
        ("decision", "allow"),
        ("openid", "o_anna"),
        ("unionid", "u_anna"),
        ("nickname", "安娜"),
        ("sex", "2"),
        ("headimgurl", "https://a.example/1"),
    ];
    let back = decide(&sandbox, page.as_str(), &form).await;

    assert_eq!((back["state"].as_str(), back["to"].as_str()), (STATE, "a b"));
    assert_eq!(seen(client.official_user(&back["code"]).await), anna());
    assert_eq!(seen(client.official_user(&back["code"]).await), Err(WechatError::CodeInvalid), "a code works once");
}

#[tokio::test]
async fn a_person_who_gave_no_profile_is_known_without_one_and_it_is_not_asked_for() {
    let sandbox = SandboxServer::start().await;
    let client = client_of(&sandbox);
    let page = client.authorize_url(RETURN_TO, &OauthState::new(STATE)).expect("there is an official account");
    let page = page.as_str().replace("snsapi_userinfo", "snsapi_base");

    let back = decide(&sandbox, &page, &[("decision", "allow"), ("openid", "o_anna"), ("nickname", "安娜")]).await;

    assert_eq!(seen(client.official_user(&back["code"]).await), Ok(("o_anna".to_owned(), None, None, None, None)));
    assert_eq!(sandbox.calls(USER_INFO).await, 0);
}

#[tokio::test]
async fn a_snapshot_user_is_refused_before_the_profile_is_asked_for() {
    let sandbox = SandboxServer::start().await;
    let code = sandbox.mint("oauth", json!({ "is_snapshotuser": 1 })).await;
    assert_eq!(seen(client_of(&sandbox).official_user(&code).await), Err(WechatError::SnapshotUser));
    assert_eq!(sandbox.calls(USER_INFO).await, 0);
}

#[tokio::test]
async fn a_code_that_never_was_or_of_another_kind_is_invalid() {
    let sandbox = SandboxServer::start().await;
    let client = client_of(&sandbox);
    for code in ["made-up".to_owned(), sandbox.mint("login", json!({})).await] {
        assert_eq!(seen(client.official_user(&code).await), Err(WechatError::CodeInvalid));
    }
}

#[tokio::test]
async fn the_sandboxes_faults_are_survived() {
    let sandbox = SandboxServer::start().await;
    let client = client_of(&sandbox);
    for (path, fault, outcome) in [
        (OAUTH_TOKEN, json!({ "kind": "errcode", "value": -1 }), Ok("o_anna".to_owned())),
        (OAUTH_TOKEN, json!({ "kind": "drop" }), Err(WechatError::Unavailable)),
        (USER_INFO, json!({ "kind": "drop" }), Ok("o_anna".to_owned())),
        (USER_INFO, json!({ "kind": "status", "value": 502 }), Ok("o_anna".to_owned())),
        (USER_INFO, json!({ "kind": "errcode", "value": 48001 }), Err(WechatError::Unavailable)),
    ] {
        let mut set = fault.clone();
        set["path"] = path.into();
        set["times"] = 1.into();
        sandbox.send(Method::DELETE, "/faults", json!(null)).await;
        sandbox.set_fault(set).await;
        let code = sandbox.mint("oauth", json!({ "openid": "o_anna" })).await;

        let user = client.official_user(&code).await;

        assert_eq!(user.map(|user| user.openid), outcome, "{path} {fault}");
    }
}

#[tokio::test]
async fn the_page_is_asked_for_with_the_parameters_in_wechats_order() {
    let live = ClientSettings {
        open_base: "https://open.weixin.qq.com".parse().expect("a URL"),
        ..settings("https://api.weixin.qq.com".parse().expect("a URL"), SECRET)
    };
    assert_eq!(
        client_with(live)
            .authorize_url(RETURN_TO, &OauthState::new(STATE))
            .expect("there is an official account")
            .as_str(),
        "https://open.weixin.qq.com/connect/oauth2/authorize?appid=wx_official\
         &redirect_uri=https%3A%2F%2Fshop.example%2Fback%3Ffrom%3Dwechat%26to%3Da+b\
         &response_type=code&scope=snsapi_userinfo&state=Abc123#wechat_redirect"
    );
}

#[tokio::test]
async fn without_an_official_account_there_is_no_page_and_nobody_is_asked_about() {
    let log = CapturedLog::start();
    let fake = healthy().await;
    let client = client_with(ClientSettings { official: None, ..settings(fake.base(), SECRET) });
    assert_eq!(client.official_appid(), None);
    assert_eq!(client.authorize_url(RETURN_TO, &OauthState::new(STATE)), None);
    assert_eq!(seen(client.official_user(CODE).await), Err(WechatError::Unavailable));
    assert!(fake.requests(OAUTH_TOKEN).is_empty());
    assert!(log.text().contains("wechat.official"), "{}", log.text());
}

#[tokio::test]
async fn the_account_proves_itself_and_asks_in_chinese() {
    let fake = healthy().await;

    assert_eq!(seen(client(&fake).official_user(CODE).await), anna());

    let asked = &fake.requests(OAUTH_TOKEN)[0].query;
    assert_eq!(
        [&asked["appid"], &asked["secret"], &asked["code"], &asked["grant_type"]],
        [OFFICIAL, SECRET, CODE, "authorization_code"]
    );
    let asked = &fake.requests(USER_INFO)[0].query;
    assert_eq!([&asked["access_token"], &asked["openid"], &asked["lang"]], [TOKEN, "o_anna", "zh_CN"]);
}

#[tokio::test]
async fn a_code_that_may_be_spent_is_not_spent_again_but_a_lost_profile_is_asked_for_once_more() {
    for reply in [
        Reply::CutOff(json!({ "access_token": TOKEN, "openid": "o_anna", "scope": "snsapi_base" }).to_string()),
        Reply::Close,
        Reply::Status(500),
        Reply::Document(String::new()),
    ] {
        let fake = healthy().await;
        fake.responses(OAUTH_TOKEN, [reply.clone(), visit("snsapi_userinfo")]);
        assert_eq!(seen(client(&fake).official_user(CODE).await), Err(WechatError::Unavailable), "{reply:?}");
        assert_eq!(fake.requests(OAUTH_TOKEN).len(), 1, "{reply:?}");

        fake.responses(USER_INFO, [reply.clone(), profile()]);
        assert_eq!(seen(client(&fake).official_user(CODE).await), anna(), "{reply:?}");
        assert_eq!(fake.requests(USER_INFO).len(), 2, "{reply:?}");
    }
}

#[tokio::test]
async fn a_profile_that_cannot_be_had_fails_the_login() {
    let fake = healthy().await;
    fake.responses(USER_INFO, [Reply::Status(500)]);
    assert_eq!(seen(client(&fake).official_user(CODE).await), Err(WechatError::Unavailable));
    assert_eq!((fake.requests(OAUTH_TOKEN).len(), fake.requests(USER_INFO).len()), (1, 2));
}

#[tokio::test]
async fn a_silent_profile_leaves_time_to_ask_again() {
    let fake = healthy().await;
    fake.responses(USER_INFO, [Reply::Silence, profile()]);
    let client = client_with(ClientSettings { deadline: Duration::from_secs(5), ..settings(fake.base(), SECRET) });
    assert_eq!(seen(client.official_user(CODE).await), anna());
}

#[tokio::test]
async fn a_hundred_logins_with_one_code_make_one_call() {
    let fake = healthy().await;
    fake.responses(OAUTH_TOKEN, [visit("snsapi_userinfo").held(), Reply::errcode(40163)]);
    let client = client(&fake);
    let release = async {
        fake.has_seen(OAUTH_TOKEN, 1).await;
        fake.release();
    };

    let (outcomes, ()) = tokio::join!(join_all((0..100).map(|_| client.official_user(CODE))), release);

    assert!(outcomes.into_iter().all(|outcome| seen(outcome) == anna()));
    assert_eq!((fake.requests(OAUTH_TOKEN).len(), fake.requests(USER_INFO).len()), (1, 1));
}

#[tokio::test]
async fn a_fault_of_the_configuration_names_the_official_accounts_settings() {
    for (errcode, words) in [(40013, "wechat.official.appid"), (40125, "wechat.official.secret")] {
        let log = CapturedLog::start();
        let fake = healthy().await;
        fake.responses(OAUTH_TOKEN, [Reply::errcode(errcode)]);
        assert_eq!(seen(client(&fake).official_user(CODE).await), Err(WechatError::Unavailable));
        let text = log.text();
        assert!(text.lines().any(|line| line.contains("ERROR") && line.contains(words)), "{text}");
    }
}

#[tokio::test]
async fn no_secret_is_in_any_log_line_whatever_goes_wrong() {
    let log = CapturedLog::start();
    let canaries = [SECRET, CODE, TOKEN, "o_anna"];
    let everything = canaries.join(" ");
    let telling = [
        visit("snsapi_userinfo"),
        Reply::Document(json!({ "errcode": 40125, "errmsg": everything }).to_string()),
        Reply::Document(json!({ "errcode": everything }).to_string()),
        Reply::Document(json!({ "openid": [everything], "access_token": TOKEN }).to_string()),
        Reply::Document(everything.clone()),
        Reply::CutOff(everything.clone()),
        Reply::Status(500),
        Reply::Close,
    ];
    join_all(telling.map(|reply| async move {
        let (exchange, profile) = (healthy().await, healthy().await);
        exchange.responses(OAUTH_TOKEN, [reply.clone()]);
        profile.responses(USER_INFO, [reply]);
        let clients = [client(&exchange), client(&profile)];
        let _ = tokio::join!(clients[0].official_user(CODE), clients[1].official_user(CODE));
    }))
    .await;

    let text = log.text();
    for said in ["errcode=40125", "no whole answer", "HTTP status 500"] {
        assert!(text.contains(said), "the log should say {said:?}: {text}");
    }
    for canary in canaries {
        assert!(!text.contains(canary), "{canary} is in the log");
    }
}
