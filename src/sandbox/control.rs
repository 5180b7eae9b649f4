//! The sandbox's own paths, for tests and people: mints codes, injects faults, counts calls.

use std::time::Duration;

use poem::http::StatusCode;
use serde_json::{Value, json};

use super::{
    call::Call,
    fields::{Fields, required},
    mint,
    mock_path::MockPath,
    state::{
        Sandbox,
        faults::{Fault, PendingFault},
        oauth::Scope,
    },
};

/// In characters.
const MAX_PATH: usize = 256;

const MAX_TIMES: i64 = 1_000_000;
/// In milliseconds.
const MAX_DELAY: i64 = 600_000;

/// `POST /codes/login` `{"openid"?, "unionid"?}`
pub(super) fn mint_login_code(sandbox: &Sandbox, call: &Call) -> Result<Value, String> {
    let fields = Fields::parse(&call.body, &["openid", "unionid"])?;
    Ok(json!({"code": mint::login_code(sandbox, &fields)?}))
}

/// `POST /codes/phone` `{"phone"?, "openid"?}`
pub(super) fn mint_phone_code(sandbox: &Sandbox, call: &Call) -> Result<Value, String> {
    let fields = Fields::parse(&call.body, &["phone", "openid"])?;
    Ok(json!({"code": mint::phone_code(sandbox, &fields)?}))
}

/// `POST /codes/oauth` `{"openid"?, "unionid"?, "nickname"?, "sex"?, "headimgurl"?, "is_snapshotuser"?}`: a code as of a
/// user who allowed access to the profile.
pub(super) fn mint_oauth_code(sandbox: &Sandbox, call: &Call) -> Result<Value, String> {
    let fields = Fields::parse(&call.body, &mint::OAUTH_FIELDS)?;
    Ok(json!({"code": mint::oauth_code(sandbox, &fields, Scope::UserInfo)?}))
}

/// `PUT /faults` `{"path", "kind", "value", "times"?}`: `times` is how many calls it applies to, 1 by default.
pub(super) fn add_fault(sandbox: &Sandbox, call: &Call) -> Result<Value, String> {
    let fields = Fields::parse(&call.body, &["path", "kind", "value", "times"])?;
    let path = parse_path(fields.text("path", MAX_PATH)?.as_deref())?;
    let fault = parse_fault(&fields)?;
    let times = fields.integer("times", 1..=MAX_TIMES)?.unwrap_or(1).unsigned_abs();
    sandbox.state().faults.add(PendingFault { path, fault, times });
    list_faults(sandbox, call)
}

fn parse_fault(fields: &Fields) -> Result<Fault, String> {
    let number = |range| required("value", fields.integer("value", range)?);
    match required("kind", fields.text("kind", 16)?)?.as_str() {
        "delay" => Ok(Fault::Delay(Duration::from_millis(number(0..=MAX_DELAY)?.unsigned_abs()))),
        "status" => u16::try_from(number(200..=599)?)
            .ok()
            .and_then(|status| StatusCode::from_u16(status).ok())
            .map(Fault::Status)
            .ok_or_else(|| "value is no HTTP status".to_owned()),
        "errcode" => Ok(Fault::Errcode(number(i64::MIN..=i64::MAX)?)),
        "drop" => Ok(Fault::Drop),
        "body" => match required("value", fields.get("value"))? {
            Value::String(body) => Ok(Fault::Body(body.clone())),
            _ => Err("value must be the text to send".to_owned()),
        },
        _ => Err("kind must be one of delay, status, errcode, drop, body".to_owned()),
    }
}

/// `DELETE /faults[?path=...]`: the faults of one path, or all.
pub(super) fn clear_faults(sandbox: &Sandbox, call: &Call) -> Result<Value, String> {
    let path = call.query("path").map(|path| parse_path(Some(path))).transpose()?;
    sandbox.state().faults.clear(path);
    list_faults(sandbox, call)
}

/// `GET /faults`: the pending faults, in the order in which they were injected.
pub(super) fn list_faults(sandbox: &Sandbox, _: &Call) -> Result<Value, String> {
    let state = sandbox.state();
    let faults = state.faults.iter().map(|PendingFault { path, fault, times }| {
        let (kind, value) = fault.kind_and_value();
        json!({"path": path.as_str(), "kind": kind, "value": value, "times": times})
    });
    Ok(faults.collect())
}

/// `GET /calls?path=...`: how many calls came to a mock path, faults included.
pub(super) fn count_calls(sandbox: &Sandbox, call: &Call) -> Result<Value, String> {
    let path = parse_path(call.query("path"))?;
    let count = sandbox.state().calls.get(&path).copied().unwrap_or_default();
    Ok(json!({"count": count}))
}

fn parse_path(path: Option<&str>) -> Result<MockPath, String> {
    MockPath::parse(required("path", path)?).ok_or_else(|| {
        format!("path must be one of {}", MockPath::all().map(MockPath::as_str).collect::<Vec<_>>().join(", "))
    })
}
