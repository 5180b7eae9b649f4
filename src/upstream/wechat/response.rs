//! Reads WeChat's responses from bytes, whatever content type and charset they claim, and checks every value.
//!
//! The messages of a failed parse can quote the response, so they are dropped here.

use serde::{Deserialize, de::DeserializeOwned};

use super::{
    errcode::Outcome,
    error::CallError::{self, Unreadable},
};
use crate::types::Secret;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// In bytes. WeChat documents 28 for an openid or unionid.
const MAX_ID: usize = 64;

/// In bytes. WeChat documents at least 512 for an access token.
const MAX_ACCESS_TOKEN: usize = 2048;

/// A whole number, which WeChat writes as a number or as a string.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Number {
    Number(i64),
    Text(String),
}

impl Number {
    pub(super) fn value(self) -> Option<i64> {
        match self {
            Self::Number(value) => Some(value),
            Self::Text(text) => text.trim().parse().ok(),
        }
    }
}

#[derive(Deserialize)]
struct Status {
    errcode: Option<Number>,
}

/// The fields of a successful response. An errcode other than 0 is a failure, whatever else the response contains;
/// `outcome` says what it means.
pub(super) fn success<T: DeserializeOwned>(body: &[u8], outcome: fn(i64) -> Outcome) -> Result<T, CallError> {
    let body = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body).trim_ascii_start();
    // Serde would also take the fields from an array, by their order.
    if !body.starts_with(b"{") {
        return Err(Unreadable("not a JSON object"));
    }
    let Status { errcode } = read(body)?;
    match errcode.map(Number::value) {
        None | Some(Some(0)) => read(body),
        Some(Some(errcode)) => Err(CallError::Errcode { errcode, outcome: outcome(errcode) }),
        Some(None) => Err(Unreadable("no usable errcode")),
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, CallError> {
    serde_json::from_slice(body).map_err(|error| {
        Unreadable(match error.is_data() {
            true => "JSON with fields of other types",
            false => "no JSON, or cut off",
        })
    })
}

pub(super) fn openid(openid: Option<String>) -> Result<String, CallError> {
    openid.filter(|id| is_visible(id, MAX_ID)).ok_or(Unreadable("no usable openid"))
}

pub(super) fn unionid(unionid: Option<String>) -> Result<Option<String>, CallError> {
    match unionid.filter(|id| !id.is_empty()) {
        Some(id) if !is_visible(&id, MAX_ID) => Err(Unreadable("no usable unionid")),
        unionid => Ok(unionid),
    }
}

pub(super) fn access_token(token: Option<Secret>) -> Result<Secret, CallError> {
    token.filter(|token| is_visible(token.expose(), MAX_ACCESS_TOKEN)).ok_or(Unreadable("no usable access_token"))
}

/// Whether a text has 1 to `max` bytes, all of them visible ASCII characters.
pub(super) fn is_visible(text: &str, max: usize) -> bool {
    (1..=max).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}
