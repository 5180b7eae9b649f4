//! `GET /`: the sandbox for people.

use std::fmt::Write;

use poem::{Endpoint, Response, endpoint::make_sync};

use crate::types::Timestamp;

use super::{
    AppKind, Sandbox, State,
    codes::{Grant, Minted},
    play::Played,
};

/// How many rows of each list are shown.
const SHOWN: usize = 50;

const TEMPLATE: &str = include_str!("page.html");

/// Nothing is loaded from elsewhere, and no script runs but the page's own.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

pub(super) fn shows(sandbox: &Sandbox) -> impl Endpoint + use<> {
    let sandbox = sandbox.clone();
    make_sync(move |_| {
        Response::builder()
            .content_type("text/html; charset=utf-8")
            .header("content-security-policy", POLICY)
            .header("cache-control", "no-store")
            .body(draw(&sandbox))
    })
}

pub(super) fn style() -> impl Endpoint {
    file("text/css; charset=utf-8", include_str!("page.css"))
}

pub(super) fn script() -> impl Endpoint {
    file("text/javascript; charset=utf-8", include_str!("page.js"))
}

fn file(content_type: &'static str, text: &'static str) -> impl Endpoint {
    make_sync(move |_| Response::builder().content_type(content_type).body(text))
}

fn draw(sandbox: &Sandbox) -> String {
    let state = sandbox.state();
    fill(TEMPLATE, |name| match name {
        "apps" => apps(sandbox),
        "paths" => Played::ALL.iter().fold(String::new(), |html, path| html + &format!("<option>{}", path.as_str())),
        "identities" => identities(&state),
        "codes" => codes(&state, sandbox.0.clock.now()),
        "faults" => faults(&state),
        _ => String::new(),
    })
}

/// The template with each `{{name}}` replaced. What is put in is not looked at again.
fn fill(template: &str, part: impl Fn(&str) -> String) -> String {
    let mut pieces = template.split("{{");
    let start = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(start, |page, piece| match piece.split_once("}}") {
        Some((name, rest)) => page + &part(name) + rest,
        None => page + piece,
    })
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
        row(&mut html, &[kind_name(identity.kind), &identity.openid, unionid, session_key]);
    }
    html
}

fn codes(state: &State, now: Timestamp) -> String {
    let mut html = String::new();
    for (code, minted) in state.codes.newest_first().take(SHOWN) {
        let (kind, meaning) = match &minted.grant {
            Grant::Login { openid, .. } => ("登录", openid.clone()),
            Grant::Phone { number, openid } => {
                ("手机号", format!("{}({})", number.whole(), openid.as_deref().unwrap_or("任何人")))
            }
        };
        row(&mut html, &[kind, code, &meaning, standing(minted, now), &beijing_time(minted.minted_at)]);
    }
    html
}

fn standing(minted: &Minted, now: Timestamp) -> &'static str {
    if minted.spent {
        "已使用"
    } else if minted.is_expired(now) {
        "已过期"
    } else {
        "可用"
    }
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

/// A text as HTML shows it, whatever it holds.
struct Escaped<'a>(&'a str);

impl std::fmt::Display for Escaped<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.chars().try_for_each(|character| match character {
            '&' => formatter.write_str("&amp;"),
            '<' => formatter.write_str("&lt;"),
            '>' => formatter.write_str("&gt;"),
            '"' => formatter.write_str("&quot;"),
            '\'' => formatter.write_str("&#39;"),
            other => formatter.write_char(other),
        })
    }
}
