use std::{error::Error, fmt, time::Duration};

use reqwest::{RequestBuilder, StatusCode, redirect, retry};
use tokio::{
    sync::Semaphore,
    time::{Instant, timeout_at},
};
use url::Url;

/// The longest answer that is read, in bytes; the upstreams' own are a few hundred.
const LONGEST_BODY: usize = 64 * 1024;

/// How long an idle connection is kept: short, because a request on one that the other side has just
/// closed is lost and cannot always be repeated.
const IDLE_CONNECTION: Duration = Duration::from_secs(15);

/// The HTTP client to one upstream, with a bound on the requests that run at once.
///
/// It follows no redirect, asks no proxy and repeats nothing by itself: what is repeated, and within which
/// deadline, is for the caller, who knows what a second request would do.
pub(super) struct HttpClient {
    client: reqwest::Client,
    permits: Semaphore,
}

/// An answer that arrived whole.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: Vec<u8>,
}

/// Why there is no answer. The texts hold neither a URL nor a body.
pub(super) enum Failure {
    /// No connection: the request was certainly not processed.
    NotSent(String),
    /// The request may have been processed.
    Lost(String),
    /// The answer is longer than any real one.
    TooLong,
}

/// The HTTP client cannot be set up as asked.
#[derive(Debug)]
pub struct SetupError(String);

impl SetupError {
    pub(super) fn new(words: &str) -> Self {
        Self(words.to_owned())
    }
}

impl fmt::Display for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for SetupError {}

impl HttpClient {
    /// A client for the upstream at `base`, which never has more than `max_concurrency` requests running.
    ///
    /// # Errors
    /// When `base` is unusable, or when TLS cannot be set up.
    pub(super) fn new(base: &Url, connect_timeout: Duration, max_concurrency: usize) -> Result<Self, SetupError> {
        if !is_base(base) {
            return Err(SetupError::new("the address of an upstream is http(s)://host[:port][/path]"));
        }
        let builder = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .no_proxy()
            .referer(false)
            .connect_timeout(connect_timeout)
            .pool_idle_timeout(IDLE_CONNECTION);
        let builder = match base.scheme() {
            "https" => builder.https_only(true),
            // Without TLS the machine needs no certificates, and one that has none still starts.
            _ => builder.tls_certs_only([]),
        };
        let client = builder.build().map_err(|error| SetupError(describe(error)))?;
        Ok(Self { client, permits: Semaphore::new(max_concurrency.clamp(1, Semaphore::MAX_PERMITS)) })
    }

    pub(super) fn get(&self, url: Url) -> RequestBuilder {
        self.client.get(url)
    }

    pub(super) fn post(&self, url: Url) -> RequestBuilder {
        self.client.post(url)
    }

    /// Waits for a permit, sends the request and reads the whole answer, whatever its type and status.
    ///
    /// # Errors
    /// When no whole answer of at most 64 KiB arrives.
    pub(super) async fn send(&self, request: RequestBuilder) -> Result<Answer, Failure> {
        let _permit = self.permits.acquire().await.expect("the semaphore is never closed");
        exchange(request).await
    }

    /// As [`Self::send`], ended at `deadline`. A request whose turn did not come by then was not sent.
    ///
    /// # Errors
    /// When no whole answer of at most 64 KiB arrives in time.
    pub(super) async fn send_by(&self, request: RequestBuilder, deadline: Instant) -> Result<Answer, Failure> {
        let permit = timeout_at(deadline, self.permits.acquire()).await;
        let permit = permit.map_err(|_| Failure::NotSent("too many requests at once".to_owned()))?;
        let _permit = permit.expect("the semaphore is never closed");
        // The turn may have come at the very end, from a request that ran out of its time as well.
        if Instant::now() >= deadline {
            return Err(Failure::NotSent("too many requests at once".to_owned()));
        }
        let answer = timeout_at(deadline, exchange(request)).await;
        answer.unwrap_or_else(|_| Err(Failure::Lost("no answer in time".to_owned())))
    }
}

async fn exchange(request: RequestBuilder) -> Result<Answer, Failure> {
    let mut response = request.send().await.map_err(|error| match error.is_connect() {
        true => Failure::NotSent(describe(error)),
        false => Failure::Lost(describe(error)),
    })?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| Failure::Lost(describe(error)))? {
        if body.len() + chunk.len() > LONGEST_BODY {
            return Err(Failure::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status: response.status(), body })
}

/// Whether `url` can have an API's paths appended.
pub(super) fn is_base(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none()
}

/// The error and its causes in one line, without the URL, whose query holds secrets.
fn describe(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        line.push_str(": ");
        line.push_str(&error.to_string());
        cause = error.source();
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_cannot_carry_an_api_is_refused() {
        for base in ["ftp://example.com", "mailto:a@example.com", "https://u:p@example.com", "http://example.com/?a=b"]
        {
            let base = base.parse().expect("a URL");
            assert!(HttpClient::new(&base, Duration::from_secs(1), 1).is_err(), "{base}");
        }
    }

    #[tokio::test]
    async fn a_refused_connection_is_a_request_that_was_not_sent_and_its_description_has_no_url() {
        // Bound, but not listening: the port is ours and refuses.
        let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
        socket.bind("127.0.0.1:0".parse().expect("an address")).expect("a free port");
        let port = socket.local_addr().expect("an address").port();
        let base: Url = format!("http://127.0.0.1:{port}/").parse().expect("a URL");
        let client = HttpClient::new(&base, Duration::from_secs(1), 1).expect("a client");

        let request = client.get(base).query(&[("secret", "canary")]);
        let Err(Failure::NotSent(description)) = client.send(request).await else {
            panic!("the connection should have been refused");
        };
        assert!(!description.contains("canary") && !description.contains("secret"), "{description}");
    }
}
