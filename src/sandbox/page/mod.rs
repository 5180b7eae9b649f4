//! `GET /`: the sandbox's page for people.

use askama::Template;
use poem::{Endpoint, Response, endpoint::make_sync, http::StatusCode};
use serde_json::Value;

use super::{
    apps::{AppKind, Apps},
    call::Call,
    mock_path::MockPath,
    response::html_response,
    state::{
        Sandbox,
        codes::{CodeStatus, Grant, ListedCode},
        faults::PendingFault,
        identities::Identity,
        outbox::Message,
    },
};
use crate::types::Timestamp;

/// How many rows of each list are shown.
const MAX_ROWS: usize = 20;

/// Shown for what is absent.
const NONE: &str = "—";

#[derive(Template)]
#[template(path = "sandbox/page/page.html")]
struct Page<'a> {
    apps: &'a Apps,
    messages: Vec<MessageRow<'a>>,
    codes: Vec<CodeRow<'a>>,
    faults: Vec<FaultRow>,
    identities: Vec<&'a Identity>,
}

struct MessageRow<'a> {
    mobile: &'a str,
    kind: &'a str,
    code: Option<&'a str>,
    time: String,
}

struct CodeRow<'a> {
    kind: &'static str,
    code: &'a str,
    grant: String,
    status: &'static str,
    time: String,
}

struct FaultRow {
    path: &'static str,
    kind: &'static str,
    value: String,
    times: u64,
}

pub(super) fn show(sandbox: &Sandbox, _: &Call) -> Response {
    let state = sandbox.state();
    let page = Page {
        apps: sandbox.apps(),
        messages: state.outbox.newest_first().take(MAX_ROWS).map(MessageRow::new).collect(),
        codes: state.codes.newest_first(sandbox.now()).take(MAX_ROWS).map(CodeRow::new).collect(),
        faults: state.faults.iter().take(MAX_ROWS).map(FaultRow::new).collect(),
        identities: state.identities.newest_first().take(MAX_ROWS).collect(),
    };
    html_response(StatusCode::OK, &page)
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

impl<'a> MessageRow<'a> {
    fn new(message: &'a Message) -> Self {
        let kind = match message.kind.as_str() {
            "register" => "注册(register)",
            "password" => "找回密码(password)",
            other => other,
        };
        Self { mobile: &message.mobile, kind, code: message.code.as_deref(), time: beijing_time(message.sent_at) }
    }
}

impl<'a> CodeRow<'a> {
    fn new(listed: ListedCode<'a>) -> Self {
        let (kind, grant) = match listed.grant {
            Grant::Login { openid, .. } => ("登录", openid.clone()),
            Grant::Phone { number, openid } => {
                ("手机号", format!("{}({})", number.full(), openid.as_deref().unwrap_or("任何人")))
            }
            Grant::OAuth(user) => ("网页授权", format!("{}({})", user.profile.nickname, user.openid)),
        };
        let status = match listed.status {
            CodeStatus::Usable => "可用",
            CodeStatus::Used => "已使用",
            CodeStatus::Expired => "已过期",
        };
        Self { kind, code: listed.code, grant, status, time: beijing_time(listed.minted_at) }
    }
}

impl FaultRow {
    fn new(pending: &PendingFault) -> Self {
        let (kind, value) = pending.fault.kind_and_value();
        let value = match value {
            Value::Null => NONE.to_owned(),
            Value::String(text) => text,
            number => number.to_string(),
        };
        Self { path: pending.path.as_str(), kind, value, times: pending.times }
    }
}

/// The time of day in Beijing.
fn beijing_time(time: Timestamp) -> String {
    let second = (time + 8 * 3600).rem_euclid(86_400);
    format!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60)
}
