//! The responses of the sandbox: JSON of its own paths, WeChat's JSON, and HTML pages.

use askama::Template;
use poem::{Response, http::StatusCode};
use serde_json::{Value, json};

use super::{errcode::Errcode, state::Sandbox};

/// Only the sandbox's own files are loaded. There is no `form-action`, because browsers apply it to the redirect that
/// follows the consent form as well.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                                       img-src data:; base-uri 'none'; frame-ancestors 'none'";

pub(super) fn json_response(status: StatusCode, body: &Value) -> Response {
    Response::builder().status(status).content_type("application/json").body(body.to_string())
}

/// The value, or status 400 with the error's message.
pub(super) fn json_or_error(result: Result<Value, String>) -> Response {
    match result {
        Ok(body) => json_response(StatusCode::OK, &body),
        Err(message) => json_response(StatusCode::BAD_REQUEST, &json!({"error": message})),
    }
}

/// A response in WeChat's form: always HTTP 200, JSON labelled `text/plain`, and an `errmsg` that ends with a request
/// id.
pub(super) fn wechat_response(sandbox: &Sandbox, result: Result<Value, Errcode>) -> Response {
    let body = result.unwrap_or_else(|errcode| {
        let random = sandbox.random();
        let request_id = format!("{:08x}-{}-{}", sandbox.now(), random.hex::<4>(), random.hex::<4>());
        json!({"errcode": errcode.0, "errmsg": format!("{}, rid: {request_id}", errcode.message())})
    });
    Response::builder().content_type("text/plain").body(body.to_string())
}

pub(super) fn html_response(status: StatusCode, page: &impl Template) -> Response {
    Response::builder()
        .status(status)
        .content_type("text/html; charset=utf-8")
        .header("content-security-policy", CONTENT_SECURITY_POLICY)
        .header("cache-control", "no-store")
        .header("referrer-policy", "no-referrer")
        .body(page.render().expect("only a value's Display could fail, and pages show texts and numbers"))
}
