use passport::types::UserId;
use std::collections::HashMap;

use reqwest::{Client, Method, RequestBuilder, redirect::Policy};
use serde_json::{Value, json};
use url::Url;

use super::ANNA;
use crate::service::{MINUTE, Response, Service};

const LOGIN: &str = "/wechat.auth/login";
const STATE_INVALID: &str = "state无效或已过期,请重新授权";
const CODE_INVALID: &str = "授权失败: code无效,请重新授权";
const UNAVAILABLE: &str = "授权失败: 微信服务暂时不可用,请稍后重新授权";

/// What a browser gets that wants to log in: where it is sent, and the cookie.
async fn redirected_to_wechat(service: &Service) -> (Url, String) {
    let request = service.request(Method::GET, LOGIN).header("accept", "text/html,application/xhtml+xml");
    let response = service.send(request).await;
    assert_eq!(response.status, 302);
    let cookie = response.header("set-cookie").expect("a cookie").to_owned();
    (response.header("location").expect("a page").parse().expect("an address"), cookie)
}

fn query(url: &Url) -> HashMap<String, String> {
    url.query_pairs().into_owned().collect()
}

fn login_with_state(service: &Service, code: &str, state: &str) -> RequestBuilder {
    service.request(Method::POST, LOGIN).json(&json!({"source": 1, "code": code, "state": state}))
}

async fn official_login(service: &Service, visitor: Value) -> Response {
    let (code, state) = (service.mint_oauth(visitor).await, service.state().await);
    service.official_login(&code, &state).await
}

#[tokio::test]
async fn a_person_logs_in_through_the_consent_page() {
    let service = Service::start().await;
    let (page, cookie) = redirected_to_wechat(&service).await;
    let browser = Client::builder().no_proxy().redirect(Policy::none()).build().expect("a browser");
    let shown = browser.get(page.clone()).send().await.expect("a page").text().await.expect("a text");
    assert!(shown.contains("允许"), "{shown}");

    let form = [("decision", "allow"), ("person", ""), ("openid", "o-anna"), ("nickname", "安娜"), ("sex", "2")];
    let allowed = browser.post(page.clone()).form(&form).send().await.expect("a response");
    let back: Url = allowed.headers()["location"].to_str().expect("text").parse().expect("an address");
    assert!(back.as_str().starts_with(&service.sandbox_url("/callback?")), "{back}");
    let back = query(&back);
    assert_eq!(back["state"], query(&page)["state"]);
    let cookie = cookie.split(';').next().expect("a pair");
    let response =
        service.send(login_with_state(&service, &back["code"], &back["state"]).header("cookie", cookie)).await;

    let anna = response.member("授权成功");
    assert_eq!((&anna.profile["nickname"], &anna.profile["sex"]), (&json!("安娜"), &json!(2)));
    service.autologin(&anna.token).await.resumed();
}

#[tokio::test]
async fn a_script_is_told_where_to_go_and_a_browser_is_sent_there() {
    let service = Service::start().await;
    let told = service.get(LOGIN, &[]).await;
    assert_eq!(told.header("set-cookie"), None);
    let told = told.data("ok");
    let url: Url = told["url"].as_str().expect("a text").parse().expect("an address");
    assert_eq!(query(&url)["state"], told["state"]);
    assert_eq!(query(&url)["appid"], told["appid"]);

    let (url, cookie) = redirected_to_wechat(&service).await;

    assert_eq!(query(&url)["redirect_uri"], service.sandbox_url("/callback"));
    assert_ne!(query(&url)["state"], told["state"]);
    for attribute in ["; HttpOnly", "; SameSite=Lax", "; Max-Age=600", "; Path=/wechat.auth/login"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    let stored = format!("{:?}", service.stored().await.states);
    let secret = cookie.split(['=', ';']).nth(1).expect("a value");
    assert!(!stored.contains(secret) && !stored.contains(told["state"].as_str().expect("a text")), "{stored}");
}

#[tokio::test]
async fn only_listed_return_addresses_are_taken_and_the_first_is_the_default() {
    let listed = "https://mall.example.com/wechat,https://m.example.com/back";
    let service = Service::with(&[("PASSPORT_WECHAT__OFFICIAL__RETURN_URLS", listed)]).await;
    let returns_to = async |query_fields: &[(&str, &str)]| {
        let response = service.get(LOGIN, query_fields).await;
        let url: Url = response.data("ok")["url"].as_str().expect("a text").parse().expect("an address");
        query(&url)["redirect_uri"].clone()
    };
    assert_eq!(returns_to(&[]).await, "https://mall.example.com/wechat");
    for listed in ["https://mall.example.com/wechat", "https://m.example.com/back"] {
        assert_eq!(returns_to(&[("redirect_uri", listed)]).await, listed);
    }
    for other in [
        "https://evil.example/",
        "https://mall.example.com/",
        "https://mall.example.com/wechat/../evil",
        "https://mall.example.com/wechat?x=1",
        "http://mall.example.com/wechat",
        "https://mall.example.com@evil.example/wechat",
        "javascript:alert(1)",
    ] {
        let refused = service.get(LOGIN, &[("redirect_uri", other)]).await;
        refused.failed("redirect_uri未登记,请在配置中加入该地址");
    }
    let (_, cookie) = redirected_to_wechat(&service).await;
    assert!(cookie.contains("; Secure"), "the page was reached over HTTPS: {cookie}");
}

#[tokio::test]
async fn a_state_works_once_for_ten_minutes() {
    let service = Service::start().await;
    let (state, late) = (service.state().await, service.state().await);
    let code = service.mint_oauth(json!({"openid": "o-anna"})).await;
    service.official_login(&code, &state).await.member("授权成功");
    let code = service.mint_oauth(json!({"openid": "o-anna"})).await;
    service.official_login(&code, &state).await.failed(STATE_INVALID);

    service.clock.advance(10 * MINUTE);
    let code = service.mint_oauth(json!({"openid": "o-anna"})).await;
    service.official_login(&code, &late).await.failed(STATE_INVALID);
    let late = service.state().await;
    service.clock.advance(4 * MINUTE);
    service.official_login(&code, &late).await.member("授权成功");
}

#[tokio::test]
async fn a_made_up_or_missing_state_is_refused_and_the_code_is_not_spent() {
    let service = Service::start().await;
    let code = service.mint_oauth(json!({"openid": "o-anna"})).await;
    for state in ["9f86d081884c7d659a2feaa0c55ad015", "0", "'OR'1'='1"] {
        service.official_login(&code, state).await.failed(STATE_INVALID);
    }
    let missing = service.post_json(LOGIN, &json!({"source": 1, "code": code})).await;
    missing.failed("缺少参数state,请重新授权");
    assert_eq!(service.calls("/sns/oauth2/access_token").await, 0);
    assert!(service.stored().await.users.is_empty());
    let state = service.state().await;
    service.official_login(&code, &state).await.member("授权成功");
}

#[tokio::test]
async fn a_state_of_a_browser_comes_back_with_its_cookie_or_not_at_all() {
    let service = Service::start().await;
    let (page, cookie) = redirected_to_wechat(&service).await;
    let (_, other_cookie) = redirected_to_wechat(&service).await;
    let state = query(&page)["state"].clone();
    let code = service.mint_oauth(json!({"openid": "o-anna"})).await;
    let pair = |cookie: &str| cookie.split(';').next().expect("a pair").to_owned();

    service.send(login_with_state(&service, &code, &state)).await.failed(STATE_INVALID);
    for wrong in [pair(&other_cookie), "passport_state=".to_owned(), "other=1".to_owned()] {
        service.send(login_with_state(&service, &code, &state).header("cookie", wrong)).await.failed(STATE_INVALID);
    }
    let among_others = format!("theme=dark; {}; lang=zh", pair(&cookie));
    service.send(login_with_state(&service, &code, &state).header("cookie", among_others)).await.member("授权成功");
}

#[tokio::test]
async fn a_snapshot_visitor_is_nobody() {
    let service = Service::start().await;
    let response = official_login(&service, json!({"openid": "o-anna", "is_snapshotuser": 1})).await;
    response.failed("当前为快照页浏览,请点击“使用完整服务”后再登录");
    assert!(service.stored().await.users.is_empty());
}

#[tokio::test]
async fn a_unionid_joins_both_apps_of_one_person() {
    let service = Service::start().await;
    let official = service.official_member(json!({"openid": "o-anna", "unionid": "u-anna"})).await;
    let code = service.mint_login("wx_anna", Some("u-anna")).await;
    let mini = service.mini_login(&code, None).await.member("授权成功");
    let stranger = service.official_member(json!({"openid": "o-berta"})).await;

    assert_eq!(mini.id, official.id);
    assert_ne!(stranger.id, official.id);
    let stored = service.stored().await;
    assert_eq!((stored.users.len(), stored.identities.len()), (2, 3));
}

#[tokio::test]
async fn both_dialects_know_the_same_user_of_the_mini_program() {
    let service = Service::start().await;
    let applet = service.log_in("wx_anna").await;
    let phone = service.mint_phone(ANNA, Some("wx_anna")).await;
    service.bind_phone(&applet.token, &phone).await.result("绑定成功");

    let code = service.mint_login("wx_anna", None).await;
    let mall = service.mini_login(&code, None).await.member("授权成功");

    assert_eq!((mall.id, &mall.profile["mobile"]), (applet.id, &json!(ANNA)));
    service.check_login(&applet.token).await.result("登录有效");
}

#[tokio::test]
async fn an_empty_profile_is_filled_and_a_filled_one_is_kept() {
    let service = Service::start().await;
    let log_in = async |user_info: &str| {
        let response = service.mini_login("wx_login_code_here", Some(user_info)).await;
        let profile = response.member("授权成功").profile;
        json!([profile["nickname"], profile["avatar"], profile["sex"]])
    };
    let empty = log_in("").await;
    assert_eq!((&empty[1], &empty[2]), (&Value::Null, &json!(0)));
    // What is of no use is left out.
    for useless in [
        "{}",
        r#"{"nickName":"","avatarUrl":"","gender":0}"#,
        r#"{"nickName":5,"avatarUrl":["https://x.example"],"gender":"2"}"#,
        r#"{"nickName":"a\u0000b","avatarUrl":"javascript:alert(1)","gender":7}"#,
    ] {
        assert_eq!(log_in(useless).await, empty, "{useless}");
    }
    let too_long = json!({"nickName": "长".repeat(33), "avatarUrl": format!("https://x.example/{}", "x".repeat(512))});
    assert_eq!(log_in(&too_long.to_string()).await, empty);

    let anna = json!(["安娜", "https://img.example/a.jpg", 2]);
    let told = r#"{"nickName":"安娜","avatarUrl":"https://img.example/a.jpg","gender":2,"city":"x"}"#;
    assert_eq!(log_in(told).await, anna);
    assert_eq!(log_in(r#"{"nickName":"别人","avatarUrl":"https://img.example/b.jpg","gender":1}"#).await, anna);
}

#[tokio::test]
async fn a_nickname_of_wechat_that_is_too_long_for_ours_is_cut() {
    let service = Service::start().await;
    let anna = service.official_member(json!({"openid": "o-anna", "nickname": "安".repeat(40)})).await;
    assert_eq!(anna.profile["nickname"], "安".repeat(32));
}

#[tokio::test]
async fn a_broken_user_info_is_refused_before_wechat_is_asked() {
    let service = Service::start().await;
    for broken in ["{", "安娜", "[object Object]", "5", "{'nickName':'x'}"] {
        let response = service.mini_login("wx_login_code_here", Some(broken)).await;
        response.failed("userInfo必须是JSON字符串");
    }
    assert_eq!(service.calls("/sns/jscode2session").await, 0);
    assert!(service.stored().await.users.is_empty());
}

#[tokio::test]
async fn a_code_of_the_other_source_is_no_good() {
    let service = Service::start().await;
    let (login, oauth) = (service.mint_login("wx_anna", None).await, service.mint_oauth(json!({})).await);
    let state = service.state().await;
    service.official_login(&login, &state).await.failed(CODE_INVALID);
    service.mini_login(&oauth, None).await.failed(CODE_INVALID);
    service.mini_login("made-up", None).await.failed(CODE_INVALID);
    assert!(service.stored().await.users.is_empty());
}

#[tokio::test]
async fn a_disabled_user_cannot_come_in_through_wechat() {
    let service = Service::start().await;
    let anna = service.official_member(json!({"openid": "o-anna", "unionid": "u-anna"})).await;
    assert!(service.admin().await.disable(UserId::new(anna.id)).await.expect("a database"));
    official_login(&service, json!({"openid": "o-anna"})).await.failed("账号已被禁用,请联系客服");
    let code = service.mint_login("wx_anna", Some("u-anna")).await;
    service.mini_login(&code, None).await.failed("账号已被禁用,请联系客服");
}

#[tokio::test]
async fn an_outage_of_wechat_leaves_nothing_behind_and_the_next_login_works() {
    let service = Service::start().await;
    for (path, kind, value) in [
        ("/sns/oauth2/access_token", "errcode", json!(-1)),
        ("/sns/oauth2/access_token", "errcode", json!(40_125)),
        ("/sns/oauth2/access_token", "status", json!(502)),
        ("/sns/oauth2/access_token", "drop", json!(0)),
        ("/sns/oauth2/access_token", "body", json!("<html>")),
        ("/sns/userinfo", "errcode", json!(45_009)),
        ("/sns/userinfo", "status", json!(500)),
        ("/sns/userinfo", "body", json!("{\"openid\":\"o-somebody-else\"}")),
    ] {
        service.fault(path, kind, value.clone(), 10).await;
        official_login(&service, json!({"openid": "o-anna"})).await.failed(UNAVAILABLE);
        service.clear_faults().await;
        assert!(service.stored().await.users.is_empty(), "{path} {kind} {value}");
    }
    service.fault("/sns/oauth2/access_token", "errcode", 40_226, 1).await;
    official_login(&service, json!({"openid": "o-anna"})).await.failed("授权失败: 该微信账号被限制登录");
    service.fault("/sns/jscode2session", "status", 500, 10).await;
    service.mini_login("wx_login_code_here", None).await.failed(UNAVAILABLE);
    service.clear_faults().await;
    official_login(&service, json!({"openid": "o-anna"})).await.member("授权成功");
}

#[tokio::test]
async fn failed_codes_count_together_with_those_of_the_other_dialect() {
    let service = Service::with(&[("PASSPORT_APPLET__CODE_FAILURES__MAX", "2")]).await;
    service.mini_login("made-up", None).await.failed(CODE_INVALID);
    service.wx_login("made-up").await.refused(400, "微信登录失败: code无效");
    service.mini_login("wx_login_code_here", None).await.failed("请求过于频繁,请5分钟后再试");
    service.clock.advance(5 * MINUTE);
    service.mini_login("wx_login_code_here", None).await.member("授权成功");
}
