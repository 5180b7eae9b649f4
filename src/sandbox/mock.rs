//! The endpoints of the mock paths: a call is counted, the next fault injected for its path is applied, and the call is
//! answered as the upstream would answer it.

use std::io;

use futures_util::{StreamExt, stream};
use poem::{Body, Endpoint, Error, Response, endpoint::make, http::StatusCode};

use super::{
    call::Call,
    errcode::Errcode,
    mock_path::MockPath,
    response::{json_or_error, json_response, wechat_response},
    sms,
    state::{Sandbox, faults::Fault},
    wechat::{code2session, consent, oauth, phone_number, token},
};

pub(super) fn endpoint(sandbox: &Sandbox, path: MockPath) -> impl Endpoint + use<> {
    let sandbox = sandbox.clone();
    make(move |request| {
        let sandbox = sandbox.clone();
        async move {
            let fault = {
                let mut state = sandbox.state();
                *state.calls.entry(path).or_default() += 1;
                state.faults.take(path)
            };
            if let Some(fault) = fault
                && let Some(response) = apply(fault, &sandbox, path).await
            {
                return Ok(response);
            }
            let call = Call::read(request).await?;
            Ok::<_, Error>(respond(path, &sandbox, &call))
        }
    })
}

fn respond(path: MockPath, sandbox: &Sandbox, call: &Call) -> Response {
    let result = match path {
        MockPath::Code2Session => code2session::exchange(sandbox, call),
        MockPath::Token => token::token(sandbox, call),
        MockPath::StableToken => token::stable_token(sandbox, call),
        MockPath::PhoneNumber => phone_number::exchange(sandbox, call),
        MockPath::OAuthToken => oauth::access_token(sandbox, call),
        MockPath::UserInfo => oauth::user_info(sandbox, call),
        MockPath::Authorize => return consent::authorize(sandbox, call),
        MockPath::Sms => return json_or_error(sms::send(sandbox, call)),
    };
    wechat_response(sandbox, result)
}

/// The response of the fault; `None` when the usual one shall follow.
async fn apply(fault: Fault, sandbox: &Sandbox, path: MockPath) -> Option<Response> {
    match fault {
        Fault::Delay(time) => {
            tokio::time::sleep(time).await;
            None
        }
        Fault::Status(status) => Some(
            Response::builder()
                .status(status)
                .content_type("text/html")
                .body(format!("<html><body><h1>{status}</h1></body></html>")),
        ),
        Fault::Errcode(errcode) => Some(match path {
            MockPath::Sms => json_response(StatusCode::OK, &sms::error(errcode)),
            _ => wechat_response(sandbox, Err(Errcode(errcode))),
        }),
        Fault::Drop => Some(aborted()),
        Fault::Body(body) => Some(Response::builder().content_type("text/plain").body(body)),
    }
}

/// A response that announces more bytes than it sends before it aborts the connection.
fn aborted() -> Response {
    const SENT: &str = "{\"session_key\":\"";
    let abort = stream::once(async {
        // The first part is sent while this yields; an error at once would discard it.
        tokio::task::yield_now().await;
        Err(io::Error::from(io::ErrorKind::ConnectionAborted))
    });
    let body = stream::once(async { Ok::<_, io::Error>(SENT) }).chain(abort);
    Response::builder()
        .content_type("text/plain")
        .header("content-length", SENT.len() * 8)
        .body(Body::from_bytes_stream(body))
}
