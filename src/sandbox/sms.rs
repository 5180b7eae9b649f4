//! The SMS gateway, which delivers nothing: `POST /sms` accepts a message, `GET /sms` lists them.

use serde_json::{Value, json};

use super::{
    call::Call,
    fields::{Fields, required},
    state::{Sandbox, outbox::Message},
};

/// In characters.
const MAX_MOBILE: usize = 32;
const MAX_WORD: usize = 32;

/// `POST /sms` `{"mobile", "type", "code"?}`
pub(super) fn send(sandbox: &Sandbox, call: &Call) -> Result<Value, String> {
    let fields = Fields::parse(&call.body, &["mobile", "type", "code"])?;
    let message = Message {
        mobile: required("mobile", fields.text("mobile", MAX_MOBILE)?)?,
        kind: required("type", fields.text("type", MAX_WORD)?)?,
        code: fields.text("code", MAX_WORD)?,
        sent_at: sandbox.now(),
    };
    sandbox.state().outbox.add(message);
    Ok(json!({"code": "OK", "id": sandbox.random().hex::<16>()}))
}

/// The gateway's error, which is sent with HTTP 200: a `code` other than `OK`.
pub(super) fn error(code: i64) -> Value {
    json!({"code": code.to_string(), "message": "refused"})
}

/// `GET /sms[?mobile=...]`: the messages to one number, or all, newest first; times in Unix seconds.
pub(super) fn list(sandbox: &Sandbox, call: &Call) -> Result<Value, String> {
    let mobile = call.query("mobile");
    let state = sandbox.state();
    let messages = state.outbox.newest_first().filter(|message| mobile.is_none_or(|mobile| message.mobile == mobile));
    Ok(messages
        .map(|message| {
            json!({
                "mobile": message.mobile,
                "type": message.kind,
                "code": message.code,
                "sent_at": message.sent_at,
            })
        })
        .collect())
}
