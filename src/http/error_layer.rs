//! Renders every error and panic in the envelope of the dialect whose prefix the path has, without internal details.

use std::{collections::BTreeMap, panic::AssertUnwindSafe, sync::Arc};

use futures_util::FutureExt;
use poem::{
    Endpoint, IntoResponse, Request, Response,
    http::{HeaderValue, StatusCode, header},
};

use super::request_error::RequestError;

/// A dialect as the error layer sees it.
pub struct Surface {
    /// The first segments of its paths, with a leading slash.
    pub prefixes: &'static [&'static str],
    pub render_error: fn(&RequestError) -> Response,
    /// Always answer HTTP 200.
    pub always_ok: bool,
}

/// What the error layer depends on.
pub struct ErrorLayer {
    /// The first one also renders errors outside all prefixes.
    surfaces: Vec<Surface>,
    /// The value of the header `Allow`, by path.
    methods: BTreeMap<String, String>,
}

impl ErrorLayer {
    /// `methods` is the value of the header `Allow` for every path of the service.
    ///
    /// # Panics
    /// Without any surface.
    pub fn new(surfaces: Vec<Surface>, methods: BTreeMap<String, String>) -> Arc<Self> {
        assert!(!surfaces.is_empty(), "a service without a surface has nothing to serve");
        Arc::new(Self { surfaces, methods })
    }

    /// Whether the path is one of the service's, and so may be logged.
    pub(super) fn knows(&self, path: &str) -> bool {
        self.methods.contains_key(path)
    }

    fn surface(&self, path: &str) -> Option<&Surface> {
        let under =
            |prefix: &&str| path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        self.surfaces.iter().find(|surface| surface.prefixes.iter().any(under))
    }
}

/// Calls `endpoint` and renders its errors and panics.
pub async fn render_errors<E: Endpoint>(
    endpoint: Arc<E>,
    request: Request,
    layer: Arc<ErrorLayer>,
) -> poem::Result<Response> {
    let path = request.uri().path().to_owned();
    let surface = layer.surface(&path);
    let render_error = surface.unwrap_or(&layer.surfaces[0]).render_error;
    let mut response = match AssertUnwindSafe(endpoint.call(request)).catch_unwind().await {
        Ok(Ok(response)) => response.into_response(),
        Ok(Err(error)) if error.is_from_response() => error.into_response(),
        Ok(Err(error)) => render_error(&error.into()),
        Err(_) => {
            tracing::error!(path = if layer.knows(&path) { &path } else { "unknown" }, "an operation panicked");
            render_error(&RequestError::Internal)
        }
    };
    if response.status() == StatusCode::METHOD_NOT_ALLOWED
        && let Some(allow) = layer.methods.get(&path).and_then(|methods| HeaderValue::from_str(methods).ok())
    {
        response.headers_mut().insert(header::ALLOW, allow);
    }
    if let Some(surface) = surface {
        // Every response of a dialect may contain a token or personal data.
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if surface.always_ok {
            response.set_status(StatusCode::OK);
        }
    }
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    Ok(response)
}
