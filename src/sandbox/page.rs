//! `GET /`: the sandbox for people.

use std::fmt::Write;

use poem::{Endpoint, Response, endpoint::make_sync, http::StatusCode};

use crate::types::Timestamp;

use super::{
    AppKind, Sandbox, State,
    codes::{Grant, Standing, standing},
    html::{self, Escaped, fill},
    play::{Call, Played},
};

/// How many rows of each list are shown.
const SHOWN: usize = 50;

pub(super) fn style() -> impl Endpoint {
    file("text/css; charset=utf-8", include_str!("page.css"))
}

pub(super) fn script() -> impl Endpoint {
    file("text/javascript; charset=utf-8", include_str!("page.js"))
}

fn file(content_type: &'static str, text: &'static str) -> impl Endpoint {
    make_sync(move |_| Response::builder().content_type(content_type).body(text))
}

pub(super) fn draw(sandbox: &Sandbox, _: &Call) -> Response {
    let state = sandbox.state();
    let page = fill(include_str!("page.html"), |name| match name {
        "apps" => apps(sandbox),
        "paths" => Played::all().fold(String::new(), |html, path| html + &format!("<option>{}", path.as_str())),
        "messages" => messages(&state),
        "identities" => identities(&state),
        "codes" => codes(&state, sandbox.0.clock.now()),
        "faults" => faults(&state),
        _ => String::new(),
    });
    html::page(StatusCode::OK, page)
}

fn messages(state: &State) -> String {
    let mut html = String::new();
    for message in state.outbox.newest_first().take(SHOWN) {
        let code = message.code.as_deref().unwrap_or("—");
        row(&mut html, &[&message.mobile, &message.kind, code, &beijing_time(message.sent_at)]);
    }
    html
}

fn apps(sandbox: &Sandbox) -> String {
    sandbox.0.apps.iter().fold(String::new(), |mut html, app| {
        row(&mut html, &[kind_name(app.kind), &app.appid]);
        html
    })
}

fn identities(state: &State) -> String {
    let mut html = String::new();
    for identity in state.identities.newest_first().take(SHOWN) {
        let unionid = identity.unionid.as_deref().unwrap_or("—");
        let session_key = identity.session_key.as_deref().unwrap_or("—");
        let nickname = identity.profile.as_ref().map_or("—", |profile| &profile.nickname);
        row(&mut html, &[kind_name(identity.kind), &identity.openid, unionid, session_key, nickname]);
    }
    html
}

fn codes(state: &State, now: Timestamp) -> String {
    let mut html = String::new();
    for (code, minted) in state.codes.newest_first().take(SHOWN) {
        let (kind, meaning) = match &minted.value.grant {
            Grant::Login { openid, .. } => ("登录", openid.clone()),
            Grant::Phone { number, openid } => {
                ("手机号", format!("{}({})", number.whole(), openid.as_deref().unwrap_or("任何人")))
            }
            Grant::OAuth(visitor) => ("网页授权", format!("{}({})", visitor.profile.nickname, visitor.openid)),
        };
        let standing = match standing(minted, now) {
            Standing::Good => "可用",
            Standing::Spent => "已使用",
            Standing::Expired => "已过期",
        };
        row(&mut html, &[kind, code, &meaning, standing, &beijing_time(minted.added_at)]);
    }
    html
}

fn faults(state: &State) -> String {
    let mut html = String::new();
    for waiting in state.faults.iter().take(SHOWN) {
        let (kind, value) = waiting.fault.written();
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        row(&mut html, &[waiting.path.as_str(), kind, &value, &waiting.times.to_string()]);
    }
    html
}

fn kind_name(kind: AppKind) -> &'static str {
    match kind {
        AppKind::Mini => "小程序",
        AppKind::Official => "公众号",
    }
}

/// The time of day in Beijing.
fn beijing_time(time: Timestamp) -> String {
    let second = (time + 8 * 3600).rem_euclid(86_400);
    format!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60)
}

fn row(html: &mut String, cells: &[&str]) {
    html.push_str("<tr>");
    for cell in cells {
        // Writing to a String cannot fail.
        let _ = write!(html, "<td>{}", Escaped(cell));
    }
    html.push('\n');
}
