//! Reads the body of a request before its operation is called, with limits on its size and duration.

use std::{pin::pin, sync::Arc, time::Duration};

use futures_util::StreamExt;
use poem::{Body, Endpoint, Request, http::Method};

use super::request_error::RequestError;

/// The largest body that is accepted.
pub const MAX_BODY_BYTES: usize = 64 * 1024;

/// How long a body may take to arrive.
const BODY_DEADLINE: Duration = Duration::from_secs(30);

/// How much of a body that is too large is read and dropped. A client whose connection is closed while it sends may not
/// read the response.
const MAX_DRAINED_BYTES: usize = 1024 * 1024;

/// How long a body that is too large is read and dropped.
const DRAIN_DEADLINE: Duration = Duration::from_secs(1);

/// Calls `endpoint` with a body that was read completely.
pub async fn limit_body<E: Endpoint>(endpoint: Arc<E>, mut request: Request) -> poem::Result<E::Output> {
    if !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        let bytes = tokio::time::timeout(BODY_DEADLINE, read(request.take_body()))
            .await
            .map_err(|_| RequestError::BrokenBody("请求体接收超时,请重试"))??;
        request.set_body(bytes);
    }
    endpoint.call(request).await
}

async fn read(body: Body) -> Result<Vec<u8>, RequestError> {
    let mut stream = pin!(body.into_bytes_stream());
    let mut bytes = Vec::new();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| RequestError::BrokenBody("请求体接收中断,请重试"))?;
        if bytes.len() + chunk.len() > MAX_BODY_BYTES {
            let drain = async {
                let mut drained = bytes.len() + chunk.len();
                while drained <= MAX_DRAINED_BYTES
                    && let Some(Ok(chunk)) = stream.next().await
                {
                    drained += chunk.len();
                }
            };
            // The result does not matter: the body is too large in any case.
            let _ = tokio::time::timeout(DRAIN_DEADLINE, drain).await;
            return Err(RequestError::BodyTooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}
