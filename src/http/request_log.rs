//! Logs one line for each request, and gives the request its id and its client.

use std::{sync::Arc, time::Instant};

use poem::{
    Endpoint, IntoResponse, Request, Response,
    http::{HeaderValue, Method},
};
use tracing::Instrument;

use super::{client_ip::ProxySettings, envelope::EnvelopeCode, error_layer::ErrorLayer, request_error::RequestError};
use crate::types::Random;

const REQUEST_ID: &str = "x-request-id";

/// What the request log depends on.
pub struct RequestLog {
    pub trusted_proxies: ProxySettings,
    pub random: Random,
    pub layer: Arc<ErrorLayer>,
}

/// Calls `endpoint` and logs method, route, status, envelope code, duration in milliseconds, client address and request
/// id. Queries, bodies and unknown paths are not logged: they may contain a secret.
pub async fn log_request<E: Endpoint + 'static>(
    endpoint: Arc<E>,
    mut request: Request,
    log: Arc<RequestLog>,
) -> poem::Result<Response> {
    let started = Instant::now();
    let id = given_id(&request).unwrap_or_else(|| log.random.hex::<8>());
    let client = log.trusted_proxies.client_of(&request);
    let address = client.address().to_string();
    let method = known_method(request.method());
    let path = request.uri().path();
    let route = if log.layer.knows(path) { path.to_owned() } else { "unknown".to_owned() };
    request.extensions_mut().insert(client);

    let span = tracing::info_span!("request", id = id.as_str());
    let call = async move {
        let mut response = endpoint.get_response(request).await.into_response();
        tracing::info!(
            target: "passport::request",
            method,
            route = route.as_str(),
            status = response.status().as_u16(),
            code = response.extensions().get::<EnvelopeCode>().map(|code| code.0),
            ms = started.elapsed().as_micros() as f64 / 1_000.0,
            address = address.as_str(),
        );
        if let Ok(id) = HeaderValue::from_str(&id) {
            response.headers_mut().insert(REQUEST_ID, id);
        }
        response
    };
    // In a task of its own, so that a client that disconnects cancels neither the operation nor its log line.
    tokio::spawn(call.instrument(span)).await.map_err(|_| RequestError::Internal.into())
}

/// The method if it is one of RFC 9110 or PATCH. Any other is text of the client.
fn known_method(method: &Method) -> &'static str {
    const KNOWN: [Method; 9] = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::OPTIONS,
        Method::CONNECT,
        Method::TRACE,
    ];
    KNOWN.iter().find(|known| *known == method).map_or("unknown", Method::as_str)
}

/// The id that a proxy gave the request, if it has at most 64 letters, digits, `-`, `_` and `.`.
fn given_id(request: &Request) -> Option<String> {
    let id = request.headers().get(REQUEST_ID)?.to_str().ok()?;
    let plain = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    ((1..=64).contains(&id.len()) && plain).then(|| id.to_owned())
}
