//! `GET /`: the sandbox for people.

use std::fmt::Write;

use poem::{Endpoint, Response, endpoint::make_sync, http::StatusCode};
use serde_json::Value;

use crate::types::Timestamp;

use super::{
    AppKind, Sandbox, State,
    codes::{Grant, Standing, standing},
    html::{self, Escaped, fill},
    play::{Call, Played},
};

/// How many rows of each list are shown.
const SHOWN: usize = 20;

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
        "paths" => Played::all().fold(String::new(), |html, path| {
            html + &format!("<option value=\"{path}\">{} {path}</option>", path.meaning(), path = path.as_str())
        }),
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
        let kind = match message.kind.as_str() {
            "register" => "注册(register)",
            "password" => "找回密码(password)",
            other => other,
        };
        Row::new(&mut html)
            .text("手机号", &message.mobile)
            .text("类型", kind)
            .code("验证码", message.code.as_deref())
            .text("时间", &beijing_time(message.sent_at));
    }
    html
}

fn apps(sandbox: &Sandbox) -> String {
    sandbox.0.apps.iter().fold(String::new(), |mut html, app| {
        Row::new(&mut html).text("类型", kind_name(app.kind)).text("appid", &app.appid);
        html
    })
}

fn identities(state: &State) -> String {
    let mut html = String::new();
    for identity in state.identities.newest_first().take(SHOWN) {
        let nickname = identity.profile.as_ref().map_or("—", |profile| &profile.nickname);
        let mints: &[_] = match identity.kind {
            AppKind::Mini => &[("/codes/login", "登录 code"), ("/codes/phone", "手机号 code")],
            AppKind::Official => &[("/codes/oauth", "网页授权 code")],
        };
        let forms: String = mints
            .iter()
            .map(|(path, words)| small_form("POST", path, &[("openid", &identity.openid)], words))
            .collect();
        Row::new(&mut html)
            .text("应用", kind_name(identity.kind))
            .text("openid", &identity.openid)
            .text("unionid", identity.unionid.as_deref().unwrap_or("—"))
            .text("session_key", identity.session_key.as_deref().unwrap_or("—"))
            .text("昵称", nickname)
            .html("生成", &forms);
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
        Row::new(&mut html)
            .text("类型", kind)
            .code("code", Some(code))
            .text("内容", &meaning)
            .text("状态", standing)
            .text("时间", &beijing_time(minted.added_at));
    }
    html
}

fn faults(state: &State) -> String {
    let mut html = String::new();
    for waiting in state.faults.iter().take(SHOWN) {
        let (kind, value) = waiting.fault.written();
        let value = match value {
            Value::Null => "—".to_owned(),
            Value::String(text) => text,
            number => number.to_string(),
        };
        let path = waiting.path.as_str();
        let off = small_form("DELETE", &format!("/faults?path={path}"), &[], "关闭");
        Row::new(&mut html)
            .text("接口", path)
            .text("类型", kind)
            .text("值", &value)
            .text("剩余次数", &waiting.times.to_string())
            .html("", &off);
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

/// A row of a list. Each cell has its heading too, because on a phone the row is a card.
struct Row<'a>(&'a mut String);

impl<'a> Row<'a> {
    fn new(html: &'a mut String) -> Self {
        html.push_str("\n<tr>");
        Self(html)
    }

    fn text(self, label: &str, text: &str) -> Self {
        self.html(label, &format!("<span>{}</span>", Escaped(text)))
    }

    /// A code, with a button that copies it.
    fn code(self, label: &str, code: Option<&str>) -> Self {
        let Some(code) = code else { return self.text(label, "—") };
        let code = Escaped(code);
        self.html(label, &format!("<code>{code}</code> <button type=\"button\" data-copy=\"{code}\">复制</button>"))
    }

    fn html(self, label: &str, html: &str) -> Self {
        // Writing to a String cannot fail.
        let _ = write!(self.0, "<td data-label=\"{label}\">{html}</td>");
        self
    }
}

/// A form that is one button.
fn small_form(method: &str, path: &str, fields: &[(&str, &str)], words: &str) -> String {
    let fields = fields.iter().fold(String::new(), |html, (name, value)| {
        html + &format!("<input type=\"hidden\" name=\"{name}\" value=\"{}\">", Escaped(value))
    });
    format!("<form data-method=\"{method}\" data-path=\"{path}\">{fields}<button>{words}</button></form> ")
}
