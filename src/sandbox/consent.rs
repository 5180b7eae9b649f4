//! `/connect/oauth2/authorize`, where a person says who they are and whether the official account may know it,
//! and `/callback`, the sandbox's own return address, which shows what came back.

use poem::{
    Response,
    http::{Method, StatusCode},
};
use url::Url;

use super::{
    AppKind, Sandbox,
    fields::Fields,
    html::{self, Escaped, fill},
    oauth::{self, Scope},
    play::Call,
};

/// How many known people can be picked.
const PICKABLE: usize = 50;

const LONGEST_STATE: usize = 128;

/// What an official account asks for when it sends a visitor here.
struct Asked<'a> {
    return_to: Url,
    scope: Scope,
    state: Option<&'a str>,
}

/// `GET` shows the page, `POST` is the person's decision.
pub(super) fn authorize(sandbox: &Sandbox, call: &Call) -> Response {
    let answered = asked(sandbox, call).and_then(|asked| {
        if call.method == Method::POST { decide(sandbox, call, asked) } else { Ok(consent_page(sandbox, &asked)) }
    });
    answered.unwrap_or_else(|words| error_page(&words))
}

fn asked<'a>(sandbox: &Sandbox, call: &'a Call) -> Result<Asked<'a>, String> {
    let official = |appid: &str| sandbox.0.apps.find(appid).is_some_and(|app| app.kind == AppKind::Official);
    if !call.query("appid").is_some_and(official) {
        return Err("appid 参数错误:它不是已配置的公众号".to_owned());
    }
    let return_to = call
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
    if state.is_some_and(|state| state.len() > LONGEST_STATE || !state.chars().all(|c| c.is_ascii_alphanumeric())) {
        return Err(format!("state 参数错误:最多 {LONGEST_STATE} 个字母或数字"));
    }
    Ok(Asked { return_to, scope, state })
}

fn decide(sandbox: &Sandbox, call: &Call, asked: Asked<'_>) -> Result<Response, String> {
    let form = Fields::parse_form(&call.body, &["sex", "is_snapshotuser"]);
    let mut address = asked.return_to;
    match form.text("decision", 8)?.as_deref() {
        Some("allow") => {
            let visitor = match form.text("person", 64)? {
                Some(openid) => Fields::of_text("openid", openid),
                None => form,
            };
            let code = oauth::mint(sandbox, &visitor, asked.scope)?;
            address.query_pairs_mut().append_pair("code", &code);
        }
        Some("refuse") => {}
        _ => return Err("decision 参数错误:应为 allow 或 refuse".to_owned()),
    }
    if let Some(state) = asked.state {
        address.query_pairs_mut().append_pair("state", state);
    }
    Ok(Response::builder()
        .status(StatusCode::FOUND)
        .header("location", address.as_str())
        .header("cache-control", "no-store")
        .finish())
}

fn consent_page(sandbox: &Sandbox, asked: &Asked<'_>) -> Response {
    let page = fill(include_str!("consent.html"), |name| match name {
        "scope" => match asked.scope {
            Scope::Base => "仅 openid(snsapi_base)".to_owned(),
            Scope::UserInfo => "昵称、头像等资料(snsapi_userinfo)".to_owned(),
        },
        "return_to" => Escaped(asked.return_to.as_str()).to_string(),
        "people" => people(sandbox),
        _ => String::new(),
    });
    html::page(StatusCode::OK, page)
}

fn people(sandbox: &Sandbox) -> String {
    let state = sandbox.state();
    let known = state.identities.newest_first().filter(|identity| identity.kind == AppKind::Official).take(PICKABLE);
    known.fold(String::new(), |html, identity| {
        let nickname = identity.profile.as_ref().map_or("", |profile| profile.nickname.as_str());
        let openid = Escaped(&identity.openid);
        html + &format!("<option value=\"{openid}\">{} · {openid}</option>\n", Escaped(nickname))
    })
}

fn error_page(words: &str) -> Response {
    let page = fill(include_str!("refused.html"), |_| Escaped(words).to_string());
    html::page(StatusCode::BAD_REQUEST, page)
}

/// `GET /callback`
pub(super) fn callback(_: &Sandbox, call: &Call) -> Response {
    let outcome = match call.query("code") {
        Some(_) => "已授权。请复制下面的 code 和 state。",
        None => "没有收到 code:用户拒绝了授权。",
    };
    let page = fill(include_str!("callback.html"), |name| match name {
        "outcome" => outcome.to_owned(),
        shown => Escaped(call.query(shown).unwrap_or_default()).to_string(),
    });
    html::page(StatusCode::OK, page)
}
