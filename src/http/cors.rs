//! Requests of pages of other origins.

use std::sync::Arc;

use poem::{
    Endpoint, IntoResponse, Middleware, Request, Response,
    http::{HeaderName, Method, header},
    middleware::Cors,
};
use serde::Deserialize;
use url::Url;
use validator::{Validate, ValidationError};

/// `[cors]`.
#[derive(Clone, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct CorsSettings {
    /// The origins whose pages may call, such as `https://mall.example.com`.
    #[validate(custom(function = "check_origins"))]
    pub origins: Vec<String>,
}

/// Origins are compared as browsers write them: scheme, host, and the port if it is not the scheme's default.
fn check_origins(origins: &[String]) -> Result<(), ValidationError> {
    let is_origin = |text: &String| Url::parse(text).is_ok_and(|url| url.origin().ascii_serialization() == *text);
    if origins.iter().all(is_origin) {
        return Ok(());
    }
    Err(ValidationError::new("origin").with_message("each must be an origin such as https://mall.example.com".into()))
}

/// Calls `endpoint` if the request has no origin, our own, or a listed one, for which CORS headers are added. Any other is
/// refused. With `localhost`, every origin on this machine is allowed.
pub async fn across_origins<E: Endpoint>(
    endpoint: Arc<E>,
    request: Request,
    settings: Arc<CorsSettings>,
    localhost: bool,
) -> poem::Result<Response> {
    if is_own_origin(&request) {
        return endpoint.call(request).await.map(IntoResponse::into_response);
    }
    let cors = Cors::new()
        .allow_origins_fn(move |origin| {
            settings.origins.iter().any(|listed| listed == origin) || (localhost && is_localhost(origin))
        })
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([
            header::CONTENT_TYPE,
            header::AUTHORIZATION,
            HeaderName::from_static("auth-token"),
            HeaderName::from_static("x-request-id"),
        ])
        .expose_headers([header::RETRY_AFTER, HeaderName::from_static("x-request-id")])
        .allow_credentials(true)
        .max_age(600);
    cors.transform(endpoint).call(request).await
}

/// Browsers send the origin also for pages of our own, whose host is then the host of the request.
fn is_own_origin(request: &Request) -> bool {
    let Some(origin) = request.headers().get(header::ORIGIN) else { return true };
    let origin = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    origin.is_some_and(|(_, authority)| Some(authority) == host)
}

fn is_localhost(origin: &str) -> bool {
    let host = Url::parse(origin).ok().and_then(|origin| origin.host_str().map(str::to_owned));
    host.is_some_and(|host| matches!(host.as_str(), "localhost" | "127.0.0.1" | "[::1]"))
}
