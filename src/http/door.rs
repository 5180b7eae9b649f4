//! The guard at the doors: whatever goes wrong around an operation is answered in the envelope of the dialect
//! under whose prefix it happened, and never with an internal detail.

use std::{collections::BTreeMap, panic::AssertUnwindSafe, pin::pin, sync::Arc, time::Duration};

use futures_util::{FutureExt, StreamExt};
use poem::{
    Body, Endpoint, Error, IntoResponse, Request, Response,
    error::{CorsError, ResponseError},
    http::{HeaderValue, Method, StatusCode, header},
};
use poem_openapi::error::{ContentTypeError, ParseParamError};

use super::{body::MAX_BODY_BYTES, rule_text::message_in};

/// How long a body may take to arrive.
const BODY_DEADLINE: Duration = Duration::from_secs(30);

/// How much of a body that is too large is still taken off the wire: a client that is cut off while it sends may
/// never see the answer.
const MAX_TAKEN_BYTES: usize = 1024 * 1024;

/// How long that is done.
const DRAIN_DEADLINE: Duration = Duration::from_secs(1);

/// A dialect, as its door needs to know it.
pub struct Dialect {
    /// The folders that the paths of the dialect lie in.
    pub prefixes: &'static [&'static str],
    /// The dialect's words for what goes wrong around an operation.
    pub refuse: fn(&Stray) -> Response,
    /// Answer HTTP 200, whatever the envelope says.
    pub always_ok: bool,
}

/// What can go wrong around any operation.
#[derive(Debug)]
pub enum Stray {
    /// A field is missing or wrong; with a message for the caller.
    BadField(String),
    /// The body cannot be read at all; with a message for the caller.
    BrokenBody(&'static str),
    /// A page of another origin called that is not in the list.
    ForeignOrigin,
    NotFound,
    MethodNotAllowed,
    BodyTooLarge,
    UnsupportedMediaType,
    Internal,
}

impl std::fmt::Display for Stray {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}", self.status())
    }
}

impl std::error::Error for Stray {}

impl ResponseError for Stray {
    fn status(&self) -> StatusCode {
        match self {
            Self::BadField(_) | Self::BrokenBody(_) => StatusCode::BAD_REQUEST,
            Self::ForeignOrigin => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

/// The `code` of the envelope in an answer, for the log.
#[derive(Clone, Copy)]
pub struct EnvelopeCode(pub i32);

/// All doors of the house.
pub struct Door {
    /// The first one also answers where no dialect lives.
    dialects: Vec<Dialect>,
    /// The methods of each path, as the header `Allow` lists them.
    methods: BTreeMap<String, String>,
}

impl Door {
    /// `methods` are those of every path, for the header `Allow`. There must be a dialect.
    pub fn new(dialects: Vec<Dialect>, methods: BTreeMap<String, String>) -> Arc<Self> {
        assert!(!dialects.is_empty(), "a service without a dialect has nothing to serve");
        Arc::new(Self { dialects, methods })
    }

    /// Whether the path is one of ours, so that the log may show it.
    pub(super) fn knows(&self, path: &str) -> bool {
        self.methods.contains_key(path)
    }

    fn dialect(&self, path: &str) -> Option<&Dialect> {
        let under =
            |prefix: &&str| path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        self.dialects.iter().find(|dialect| dialect.prefixes.iter().any(under))
    }
}

/// Reads the body, calls `endpoint`, and dresses whatever comes out of it.
pub async fn through_the_door<E: Endpoint>(
    endpoint: Arc<E>,
    request: Request,
    door: Arc<Door>,
) -> poem::Result<Response> {
    let path = request.uri().path().to_owned();
    let call = async {
        let request = read_body(request).await?;
        endpoint.call(request).await
    };
    Ok(answer(call, &path, &door).await)
}

/// Dresses what goes wrong between the doors and the log.
pub async fn dress<E: Endpoint>(endpoint: Arc<E>, request: Request, door: Arc<Door>) -> poem::Result<Response> {
    let path = request.uri().path().to_owned();
    Ok(answer(endpoint.call(request), &path, &door).await)
}

async fn answer<R: IntoResponse>(call: impl Future<Output = poem::Result<R>>, path: &str, door: &Door) -> Response {
    let dialect = door.dialect(path);
    let refuse = dialect.unwrap_or(&door.dialects[0]).refuse;
    let mut response = match AssertUnwindSafe(call).catch_unwind().await {
        Ok(Ok(response)) => response.into_response(),
        Ok(Err(error)) if error.is_from_response() => error.into_response(),
        Ok(Err(error)) => refuse(&stray(error)),
        Err(_) => {
            tracing::error!(path = if door.knows(path) { path } else { "unknown" }, "an operation panicked");
            refuse(&Stray::Internal)
        }
    };
    if response.status() == StatusCode::METHOD_NOT_ALLOWED
        && let Some(allow) = door.methods.get(path).and_then(|methods| HeaderValue::from_str(methods).ok())
    {
        response.headers_mut().insert(header::ALLOW, allow);
    }
    if let Some(dialect) = dialect {
        // Every answer of a dialect may carry a token or personal data.
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if dialect.always_ok {
            response.set_status(StatusCode::OK);
        }
    }
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// The body is read before the operation is called, so that its size is judged before anything else of it.
async fn read_body(mut request: Request) -> poem::Result<Request> {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(request);
    }
    let body = request.take_body();
    let bytes = tokio::time::timeout(BODY_DEADLINE, read_whole(body))
        .await
        .map_err(|_| Stray::BrokenBody("请求体接收超时,请重试"))??;
    request.set_body(bytes);
    Ok(request)
}

async fn read_whole(body: Body) -> Result<Vec<u8>, Stray> {
    let mut stream = pin!(body.into_bytes_stream());
    let mut bytes = Vec::new();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| Stray::BrokenBody("请求体接收中断,请重试"))?;
        if bytes.len() + chunk.len() > MAX_BODY_BYTES {
            let drain = async {
                let mut taken = bytes.len() + chunk.len();
                while taken <= MAX_TAKEN_BYTES
                    && let Some(Ok(chunk)) = stream.next().await
                {
                    taken += chunk.len();
                }
            };
            // Whether the rest came or not, the body is too large.
            let _ = tokio::time::timeout(DRAIN_DEADLINE, drain).await;
            return Err(Stray::BodyTooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// What went wrong, by the error of the framework that says so.
fn stray(error: Error) -> Stray {
    let error = match error.downcast::<Stray>() {
        Ok(stray) => return stray,
        Err(error) => error,
    };
    if let Some(parameter) = error.downcast_ref::<ParseParamError>() {
        return Stray::BadField(message_in(&parameter.reason).unwrap_or("请求参数错误").to_owned());
    }
    if error.is::<CorsError>() {
        return Stray::ForeignOrigin;
    }
    if error.is::<ContentTypeError>() {
        return Stray::UnsupportedMediaType;
    }
    match error.status() {
        StatusCode::NOT_FOUND => Stray::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => Stray::MethodNotAllowed,
        StatusCode::PAYLOAD_TOO_LARGE => Stray::BodyTooLarge,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Stray::UnsupportedMediaType,
        status if status.is_client_error() => Stray::BrokenBody("请求无法读取"),
        status => {
            tracing::error!(status = status.as_u16(), "an operation failed outside its own errors");
            Stray::Internal
        }
    }
}
