//! The SMS gateway that sends nothing: `POST /sms` takes a message as a gateway does, and `GET /sms` shows
//! what was taken.

use std::collections::VecDeque;

use serde_json::{Value, json};

use crate::types::Timestamp;

use super::{
    Sandbox,
    fields::{Fields, required},
    play::Call,
};

/// The most messages that are kept; beyond it the oldest are forgotten.
const KEPT: usize = 10_000;

/// In characters.
const LONGEST_MOBILE: usize = 32;
const LONGEST_WORD: usize = 32;

pub(super) struct Message {
    pub(super) mobile: String,
    pub(super) kind: String,
    /// A message that only tells something carries no code.
    pub(super) code: Option<String>,
    pub(super) sent_at: Timestamp,
}

#[derive(Default)]
pub(super) struct Outbox(VecDeque<Message>);

impl Outbox {
    fn add(&mut self, message: Message) {
        self.0.truncate(KEPT - 1);
        self.0.push_front(message);
    }

    pub(super) fn newest_first(&self) -> impl Iterator<Item = &Message> {
        self.0.iter()
    }
}

/// `POST /sms` `{"mobile", "type", "code"?}`
pub(super) fn send(sandbox: &Sandbox, call: &Call) -> Result<Value, String> {
    let fields = Fields::parse(&call.body, &["mobile", "type", "code"])?;
    let message = Message {
        mobile: required("mobile", fields.text("mobile", LONGEST_MOBILE)?)?,
        kind: required("type", fields.text("type", LONGEST_WORD)?)?,
        code: fields.text("code", LONGEST_WORD)?,
        sent_at: sandbox.0.clock.now(),
    };
    sandbox.state().outbox.add(message);
    Ok(json!({"code": "OK", "id": sandbox.0.random.hex::<16>()}))
}

/// How the gateway says no: HTTP 200 with a `code` that is not `OK`.
pub(super) fn refusal(errcode: i64) -> Value {
    json!({"code": errcode.to_string(), "message": "refused"})
}

/// `GET /sms[?mobile=...]`: the messages to one number, or all; the newest first, times in Unix seconds.
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
