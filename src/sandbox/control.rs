//! The sandbox's own paths, for tests and for people: minting codes, setting faults, counting calls.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use poem::http::StatusCode;
use serde_json::{Value, json};

use crate::types::Random;

use super::{
    AppKind, Sandbox,
    codes::Grant,
    faults::{Fault, Waiting},
    fields::{Fields, required},
    oauth::{self, Scope, VISITOR_FIELDS},
    phone::Number,
    play::{Call, Played},
};

/// In characters.
const LONGEST_ID: usize = 64;
const LONGEST_PHONE: usize = 32;
const LONGEST_PATH: usize = 256;

const MOST_TIMES: i64 = 1_000_000;
/// In milliseconds.
const LONGEST_DELAY: i64 = 600_000;

/// `POST /codes/login` `{"openid"?, "unionid"?}`
pub(super) fn mint_login_code(sandbox: &Sandbox, call: &Call) -> Result<Value, String> {
    let fields = Fields::parse(&call.body, &["openid", "unionid"])?;
    let random = &sandbox.0.random;
    let openid = openid(&fields, random)?;
    let unionid = unionid(&fields)?;
    let code = random.hex::<16>();

    let state = &mut *sandbox.state();
    let unionid = state.identities.meet(AppKind::Mini, &openid, unionid.as_deref()).unionid.clone();
    state.codes.add(code.clone(), Grant::Login { openid, unionid }, sandbox.0.clock.now());
    Ok(json!({"code": code}))
}

/// `POST /codes/phone` `{"phone"?, "openid"?}`: without an openid the code is anybody's.
pub(super) fn mint_phone_code(sandbox: &Sandbox, call: &Call) -> Result<Value, String> {
    let fields = Fields::parse(&call.body, &["phone", "openid"])?;
    let random = &sandbox.0.random;
    let number = match fields.text("phone", LONGEST_PHONE)? {
        Some(text) => Number::parse(&text)
            .ok_or("phone must be a mainland number of 11 digits, or another as +<country code><number>")?,
        None => Number::made_up(random),
    };
    let openid = fields.text("openid", LONGEST_ID)?;
    let code = random.hex::<32>();
    sandbox.state().codes.add(code.clone(), Grant::Phone { number, openid }, sandbox.0.clock.now());
    Ok(json!({"code": code}))
}

/// `POST /codes/oauth` `{"openid"?, "unionid"?, "nickname"?, "sex"?, "headimgurl"?, "is_snapshotuser"?}`: a code as
/// from a visitor who allowed everything.
pub(super) fn mint_oauth_code(sandbox: &Sandbox, call: &Call) -> Result<Value, String> {
    let fields = Fields::parse(&call.body, &VISITOR_FIELDS)?;
    let code = oauth::mint(sandbox, &fields, Scope::UserInfo)?;
    Ok(json!({"code": code}))
}

/// The openid that was given, or one of the shape that WeChat gives out.
pub(super) fn openid(fields: &Fields, random: &Random) -> Result<String, String> {
    let made_up = || format!("o{}", URL_SAFE_NO_PAD.encode(random.bytes::<20>()));
    let given = fields.text("openid", LONGEST_ID)?;
    if given.as_ref().is_some_and(|openid| !openid.bytes().all(|byte| byte.is_ascii_graphic())) {
        return Err("openid: WeChat's are visible ASCII characters without spaces".to_owned());
    }
    Ok(given.unwrap_or_else(made_up))
}

pub(super) fn unionid(fields: &Fields) -> Result<Option<String>, String> {
    fields.text("unionid", LONGEST_ID)
}

/// `PUT /faults` `{"path", "kind", "value", "times"?}`: `times` is how many calls it strikes, 1 when absent.
pub(super) fn add_fault(sandbox: &Sandbox, call: &Call) -> Result<Value, String> {
    let fields = Fields::parse(&call.body, &["path", "kind", "value", "times"])?;
    let path = played(fields.text("path", LONGEST_PATH)?.as_deref())?;
    let fault = read_fault(&fields)?;
    let times = fields.integer("times", 1..=MOST_TIMES)?.unwrap_or(1).unsigned_abs();
    sandbox.state().faults.add(Waiting { path, fault, times });
    list_faults(sandbox, call)
}

fn read_fault(fields: &Fields) -> Result<Fault, String> {
    let number = |range| required("value", fields.integer("value", range)?);
    match required("kind", fields.text("kind", 16)?)?.as_str() {
        "delay" => Ok(Fault::Delay(Duration::from_millis(number(0..=LONGEST_DELAY)?.unsigned_abs()))),
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

/// `DELETE /faults[?path=...]`: those of one path, or all.
pub(super) fn clear_faults(sandbox: &Sandbox, call: &Call) -> Result<Value, String> {
    let path = call.query("path").map(|path| played(Some(path))).transpose()?;
    sandbox.state().faults.clear(path);
    list_faults(sandbox, call)
}

/// `GET /faults`: those that still wait, in the order in which they were set.
pub(super) fn list_faults(sandbox: &Sandbox, _: &Call) -> Result<Value, String> {
    let state = sandbox.state();
    let faults = state.faults.iter().map(|Waiting { path, fault, times }| {
        let (kind, value) = fault.written();
        json!({"path": path.as_str(), "kind": kind, "value": value, "times": times})
    });
    Ok(faults.collect())
}

/// `GET /calls?path=...`: how many calls came to a played path, whatever became of them.
pub(super) fn count_calls(sandbox: &Sandbox, call: &Call) -> Result<Value, String> {
    let path = played(call.query("path"))?;
    let count = sandbox.state().calls.get(&path).copied().unwrap_or_default();
    Ok(json!({"count": count}))
}

fn played(path: Option<&str>) -> Result<Played, String> {
    Played::parse(required("path", path)?).ok_or_else(|| {
        format!("path must be one of {}", Played::all().map(Played::as_str).collect::<Vec<_>>().join(", "))
    })
}
