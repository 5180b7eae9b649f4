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
        Sandbox, State,
        codes::{CodeStatus, Grant},
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
    state: &'a State,
    now: Timestamp,
}

pub(super) fn show(sandbox: &Sandbox, _: &Call) -> Response {
    let page = Page { apps: sandbox.apps(), state: &sandbox.state(), now: sandbox.now() };
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

/// The time of day in Beijing.
fn beijing_time(time: &Timestamp) -> String {
    let second = (time + 8 * 3600).rem_euclid(86_400);
    format!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60)
}
