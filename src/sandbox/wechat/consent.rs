//! `/connect/oauth2/authorize`, where a person chooses who they are and whether the official account may know it, and
//! `/callback`, a redirect URI of the sandbox that shows the query it was called with
//! (<https://developers.weixin.qq.com/doc/offiaccount/OA_Web_Apps/Wechat_webpage_authorization.html>).

use askama::Template;
use poem::{
    Response,
    http::{Method, StatusCode},
};
use url::Url;

use crate::sandbox::{
    apps::AppKind,
    call::Call,
    fields::Fields,
    mint,
    response::html_response,
    state::{Sandbox, oauth::Scope},
};

/// How many known users can be chosen.
const MAX_USERS: usize = 50;

/// In bytes.
const MAX_STATE: usize = 128;

#[derive(Template)]
#[template(path = "sandbox/wechat/consent.html")]
struct ConsentPage<'a> {
    scope: &'static str,
    redirect_uri: &'a str,
    /// Nickname and openid.
    users: Vec<(&'a str, &'a str)>,
}

#[derive(Template)]
#[template(path = "sandbox/wechat/consent_error.html")]
struct ErrorPage<'a> {
    message: &'a str,
}

#[derive(Template)]
#[template(path = "sandbox/wechat/callback.html")]
struct CallbackPage<'a> {
    result: &'static str,
    code: &'a str,
    state: &'a str,
}

/// The query with which an official account redirects here.
struct AuthorizeRequest<'a> {
    redirect_uri: Url,
    scope: Scope,
    state: Option<&'a str>,
}

/// `GET` shows the page, `POST` takes the person's decision.
pub fn authorize(sandbox: &Sandbox, call: &Call) -> Response {
    let response = parse(sandbox, call).and_then(|request| match call.method {
        Method::POST => decide(sandbox, call, request),
        _ => Ok(consent_page(sandbox, &request)),
    });
    response.unwrap_or_else(|message| html_response(StatusCode::BAD_REQUEST, &ErrorPage { message: &message }))
}

fn parse<'a>(sandbox: &Sandbox, call: &'a Call) -> Result<AuthorizeRequest<'a>, String> {
    let is_official = |appid: &str| sandbox.apps().find(appid).is_some_and(|app| app.kind == AppKind::Official);
    if !call.query("appid").is_some_and(is_official) {
        return Err("appid 参数错误:它不是已配置的公众号".to_owned());
    }
    let redirect_uri = call
        .query("redirect_uri")
        .and_then(|address| Url::parse(address).ok())
        .filter(|address| matches!(address.scheme(), "http" | "https"))
        .ok_or("redirect_uri 参数错误:需要完整的 http 或 https 地址")?;
    if call.query("response_type") != Some("code") {
        return Err("response_type 参数错误:应为 code".to_owned());
    }
    let scope =
        call.query("scope").and_then(Scope::parse).ok_or("scope 参数错误:应为 snsapi_base 或 snsapi_userinfo")?;
    let state = call.query("state");
    if state.is_some_and(|state| state.len() > MAX_STATE || !state.chars().all(|c| c.is_ascii_alphanumeric())) {
        return Err(format!("state 参数错误:最多 {MAX_STATE} 个字母或数字"));
    }
    Ok(AuthorizeRequest { redirect_uri, scope, state })
}

fn decide(sandbox: &Sandbox, call: &Call, request: AuthorizeRequest<'_>) -> Result<Response, String> {
    let form = Fields::parse_form(&call.body, &["sex", "is_snapshotuser"]);
    let mut address = request.redirect_uri;
    match form.text("decision", 8)?.as_deref() {
        Some("allow") => {
            let user = match form.text("person", 64)? {
                Some(openid) => Fields::from_text("openid", openid),
                None => form,
            };
            let code = mint::oauth_code(sandbox, &user, request.scope)?;
            address.query_pairs_mut().append_pair("code", &code);
        }
        Some("refuse") => {}
        _ => return Err("decision 参数错误:应为 allow 或 refuse".to_owned()),
    }
    if let Some(state) = request.state {
        address.query_pairs_mut().append_pair("state", state);
    }
    Ok(Response::builder()
        .status(StatusCode::FOUND)
        .header("location", address.as_str())
        .header("cache-control", "no-store")
        .finish())
}

fn consent_page(sandbox: &Sandbox, request: &AuthorizeRequest<'_>) -> Response {
    let state = sandbox.state();
    let known = state.identities.newest_first().filter(|identity| identity.kind == AppKind::Official).take(MAX_USERS);
    let page = ConsentPage {
        scope: match request.scope {
            Scope::Base => "仅 openid(snsapi_base)",
            Scope::UserInfo => "昵称、头像等资料(snsapi_userinfo)",
        },
        redirect_uri: request.redirect_uri.as_str(),
        users: known.map(|identity| (identity.nickname().unwrap_or_default(), identity.openid.as_str())).collect(),
    };
    html_response(StatusCode::OK, &page)
}

/// `GET /callback`
pub fn callback(_: &Sandbox, call: &Call) -> Response {
    let page = CallbackPage {
        result: match call.query("code") {
            Some(_) => "已授权。请复制下面的 code 和 state。",
            None => "没有收到 code:用户拒绝了授权。",
        },
        code: call.query("code").unwrap_or_default(),
        state: call.query("state").unwrap_or_default(),
    };
    html_response(StatusCode::OK, &page)
}
