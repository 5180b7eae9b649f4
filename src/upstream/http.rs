use std::{error::Error, iter, time::Duration};

use reqwest::{RequestBuilder, StatusCode, redirect, retry};
use tokio::{
    sync::Semaphore,
    time::{Instant, timeout_at},
};
use url::Url;

/// The longest response that is read, in bytes; real ones have a few hundred.
const MAX_BODY: usize = 64 * 1024;

/// A request with less time than this is not sent: its outcome would not be known.
const MIN_TIME: Duration = Duration::from_millis(20);

/// How long an idle connection is kept. A request on a connection that the other side has just closed is lost and
/// cannot always be repeated, so this is short.
const IDLE_TIMEOUT: Duration = Duration::from_secs(15);

/// The HTTP client for one upstream, with a limit on concurrent requests.
///
/// It follows no redirects, uses no proxy and never retries: the caller decides what is repeated, because only the
/// caller knows what a second request would do.
pub(super) struct HttpClient {
    base: Url,
    client: reqwest::Client,
    permits: Semaphore,
}

/// A response that arrived completely.
pub(super) struct Response {
    pub(super) status: StatusCode,
    pub(super) body: Vec<u8>,
}

/// Why there is no response. The texts contain neither a URL nor a body.
#[derive(Debug, thiserror::Error)]
pub(super) enum HttpError {
    /// The request was certainly not processed.
    #[error("not sent ({0})")]
    NotSent(String),
    /// The request may have been processed.
    #[error("no whole answer ({0})")]
    Lost(String),
    /// The response is longer than any real one.
    #[error("an overlong answer")]
    TooLong,
}

/// The HTTP client cannot be set up as configured.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct SetupError(pub(super) String);

impl HttpClient {
    /// A client for the upstream at `base`, with at most `max_concurrency` requests at once.
    pub(super) fn new(base: Url, connect_timeout: Duration, max_concurrency: usize) -> Result<Self, SetupError> {
        if !is_base(&base) {
            return Err(SetupError("the address of an upstream is http(s)://host[:port][/path]".to_owned()));
        }
        let builder = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .no_proxy()
            .referer(false)
            .connect_timeout(connect_timeout)
            .pool_idle_timeout(IDLE_TIMEOUT);
        let builder = match base.scheme() {
            "https" => builder.https_only(true),
            // Plain HTTP needs no root certificates, so that a machine without any can still start.
            _ => builder.tls_certs_only([]),
        };
        let client = builder.build().map_err(|error| SetupError(describe(error)))?;
        Ok(Self { base, client, permits: Semaphore::new(max_concurrency.clamp(1, Semaphore::MAX_PERMITS)) })
    }

    pub(super) fn base(&self) -> &Url {
        &self.base
    }

    pub(super) fn get(&self, url: Url) -> RequestBuilder {
        self.client.get(url)
    }

    pub(super) fn post(&self, url: Url) -> RequestBuilder {
        self.client.post(url)
    }

    /// Waits for a permit, sends the request and reads the whole response, whatever its type and status, until
    /// `deadline`. A request that has no permit shortly before is not sent.
    pub(super) async fn send(&self, request: RequestBuilder, deadline: Instant) -> Result<Response, HttpError> {
        let too_many = || HttpError::NotSent("too many requests at once".to_owned());
        let permit = timeout_at(deadline, self.permits.acquire()).await.map_err(|_| too_many())?;
        let _permit = permit.expect("the semaphore is never closed");
        // A request that was cut off at about the same time may have released this permit.
        if Instant::now() + MIN_TIME >= deadline {
            return Err(too_many());
        }
        let response = timeout_at(deadline, exchange(request)).await;
        response.unwrap_or_else(|_| Err(HttpError::Lost("no answer in time".to_owned())))
    }
}

async fn exchange(request: RequestBuilder) -> Result<Response, HttpError> {
    let mut response = request.send().await.map_err(|error| match error.is_connect() {
        true => HttpError::NotSent(describe(error)),
        false => HttpError::Lost(describe(error)),
    })?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| HttpError::Lost(describe(error)))? {
        if body.len() + chunk.len() > MAX_BODY {
            return Err(HttpError::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Response { status: response.status(), body })
}

/// Whether the paths of an API can be appended to `url`.
pub(super) fn is_base(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none()
}

/// The URL of `path`, without a leading slash, below `base`, which must satisfy [`is_base`].
pub(super) fn below(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.path_segments_mut().expect("an http(s) address takes a path").pop_if_empty().extend(path.split('/'));
    url
}

/// The error and its causes in one line, without the URL, whose query contains secrets.
fn describe(error: reqwest::Error) -> String {
    let error = error.without_url();
    let causes = iter::successors(Some(&error as &dyn Error), |error| (**error).source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_cannot_carry_an_api_is_refused() {
        for base in ["ftp://example.com", "mailto:a@example.com", "https://u:p@example.com", "http://example.com/?a=b"]
        {
            let url = base.parse().expect("a URL");
            assert!(HttpClient::new(url, Duration::from_secs(1), 1).is_err(), "{base}");
        }
    }

    #[tokio::test]
    async fn a_refused_connection_is_a_request_that_was_not_sent_and_its_description_has_no_url() {
        // Bound, but not listening: the port is ours and refuses.
        let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
        socket.bind("127.0.0.1:0".parse().expect("an address")).expect("a free port");
        let port = socket.local_addr().expect("an address").port();
        let base: Url = format!("http://127.0.0.1:{port}/").parse().expect("a URL");
        let client = HttpClient::new(base.clone(), Duration::from_secs(1), 1).expect("a client");

        let request = client.get(base).query(&[("secret", "canary")]);
        let deadline = Instant::now() + Duration::from_secs(30);
        let Err(HttpError::NotSent(description)) = client.send(request, deadline).await else {
            panic!("the connection should have been refused");
        };
        assert!(!description.contains("canary") && !description.contains("secret"), "{description}");
    }
}
