use std::{io, time::Duration};

use futures_util::{StreamExt, stream};
use poem::{Body, Response, http::StatusCode};
use serde_json::{Value, json};

use super::{Sandbox, play::Played};

/// How a played path misbehaves. Except for `Delay`, the fault is the whole answer and nothing is done:
/// a code that came with the call is not spent.
#[derive(Clone)]
pub(super) enum Fault {
    /// The usual answer, worked out after this time.
    Delay(Duration),
    /// This HTTP status with a body that is no JSON.
    Status(StatusCode),
    /// This error number, in the upstream's own form.
    Errcode(i64),
    /// The connection is cut in the middle of an answer.
    Drop,
    /// HTTP 200 with this body, whatever it says.
    Body(String),
}

pub(super) struct Waiting {
    pub(super) path: Played,
    pub(super) fault: Fault,
    /// How many more calls it strikes.
    pub(super) times: u64,
}

/// The faults that wait for a call. On one path they strike in the order in which they were set.
#[derive(Default)]
pub(super) struct Faults(Vec<Waiting>);

impl Faults {
    pub(super) fn add(&mut self, waiting: Waiting) {
        self.0.push(waiting);
    }

    /// Forgets those of `path`, or all.
    pub(super) fn clear(&mut self, path: Option<Played>) {
        self.0.retain(|waiting| path.is_some_and(|path| waiting.path != path));
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Waiting> {
        self.0.iter()
    }

    /// The fault that strikes the call that has just come to `path`.
    pub(super) fn take(&mut self, path: Played) -> Option<Fault> {
        let first = self.0.iter().position(|waiting| waiting.path == path)?;
        let waiting = &mut self.0[first];
        waiting.times -= 1;
        if waiting.times == 0 { Some(self.0.remove(first).fault) } else { Some(waiting.fault.clone()) }
    }
}

impl Fault {
    /// The name and the value under which it was set.
    pub(super) fn written(&self) -> (&'static str, Value) {
        match self {
            Self::Delay(time) => ("delay", json!(time.as_millis() as u64)),
            Self::Status(status) => ("status", status.as_u16().into()),
            Self::Errcode(errcode) => ("errcode", (*errcode).into()),
            Self::Drop => ("drop", Value::Null),
            Self::Body(body) => ("body", body.as_str().into()),
        }
    }

    /// The answer in place of the usual one, or none when that shall follow.
    pub(super) async fn strike(self, sandbox: &Sandbox, path: Played) -> Option<Response> {
        match self {
            Self::Delay(time) => {
                tokio::time::sleep(time).await;
                None
            }
            Self::Status(status) => Some(
                Response::builder()
                    .status(status)
                    .content_type("text/html")
                    .body(format!("<html><body><h1>{status}</h1></body></html>")),
            ),
            Self::Errcode(errcode) => Some(path.refuse(sandbox, errcode)),
            Self::Drop => Some(cut_off()),
            Self::Body(body) => Some(Response::builder().content_type("text/plain").body(body)),
        }
    }
}

/// An answer that announces more than it sends, and whose connection then breaks.
fn cut_off() -> Response {
    const SENT: &str = "{\"session_key\":\"";
    let broken = stream::once(async {
        // The first part leaves while this waits; an error at once would take it back.
        tokio::task::yield_now().await;
        Err(io::Error::from(io::ErrorKind::ConnectionAborted))
    });
    let body = stream::once(async { Ok::<_, io::Error>(SENT) }).chain(broken);
    Response::builder()
        .content_type("text/plain")
        .header("content-length", SENT.len() * 8)
        .body(Body::from_bytes_stream(body))
}
