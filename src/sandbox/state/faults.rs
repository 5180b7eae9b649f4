use std::time::Duration;

use poem::http::StatusCode;
use serde_json::{Value, json};

use crate::sandbox::mock_path::MockPath;

/// How a mock path misbehaves. Except for `Delay`, the fault is the whole response and the call has no effect: a code
/// that came with it is not used up.
#[derive(Clone)]
pub enum Fault {
    /// The usual response, after this time.
    Delay(Duration),
    /// This HTTP status with a body that is not JSON.
    Status(StatusCode),
    /// This error number, in the upstream's own form.
    Errcode(i64),
    /// The connection is aborted in the middle of the response.
    Drop,
    /// HTTP 200 with this body.
    Body(String),
}

impl Fault {
    /// The fields `kind` and `value` with which it was injected.
    pub fn kind_and_value(&self) -> (&'static str, Value) {
        match self {
            Self::Delay(time) => ("delay", json!(time.as_millis() as u64)),
            Self::Status(status) => ("status", status.as_u16().into()),
            Self::Errcode(errcode) => ("errcode", (*errcode).into()),
            Self::Drop => ("drop", Value::Null),
            Self::Body(body) => ("body", body.as_str().into()),
        }
    }
}

pub struct PendingFault {
    pub path: MockPath,
    pub fault: Fault,
    /// How many more calls it applies to.
    pub times: u64,
}

/// The faults that are still to be applied, for each path in the order in which they were injected.
#[derive(Default)]
pub struct Faults(Vec<PendingFault>);

impl Faults {
    pub fn add(&mut self, fault: PendingFault) {
        self.0.push(fault);
    }

    /// Removes the faults of `path`, or all.
    pub fn clear(&mut self, path: Option<MockPath>) {
        self.0.retain(|pending| path.is_some_and(|path| pending.path != path));
    }

    pub fn iter(&self) -> impl Iterator<Item = &PendingFault> {
        self.0.iter()
    }

    /// The fault for a call that has just come to `path`.
    pub fn take(&mut self, path: MockPath) -> Option<Fault> {
        let first = self.0.iter().position(|pending| pending.path == path)?;
        let pending = &mut self.0[first];
        pending.times -= 1;
        if pending.times == 0 { Some(self.0.remove(first).fault) } else { Some(pending.fault.clone()) }
    }
}
