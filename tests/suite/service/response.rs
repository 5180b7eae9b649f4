use reqwest::{
    Client, RequestBuilder,
    header::{HeaderMap, HeaderName, HeaderValue},
};
use serde_json::Value;

use super::contract::assert_contract;

/// A response of the service.
#[derive(Debug)]
pub struct Response {
    pub status: u16,
    pub headers: HeaderMap,
    /// `null` when it is no JSON.
    pub body: Value,
    pub text: String,
}

/// Sends a request and compares the response with the contract.
///
/// # Errors
/// When there is no whole response.
pub async fn exchange(client: &Client, request: RequestBuilder, always_ok: bool) -> reqwest::Result<Response> {
    let request = request.build()?;
    let (method, path) = (request.method().clone(), request.url().path().to_owned());
    let headers = request.headers().clone();
    let response = Response::read(client.execute(request).await?).await?;
    assert_contract(&method, &path, &headers, &response, always_ok);
    Ok(response)
}

impl Response {
    pub async fn read(response: reqwest::Response) -> reqwest::Result<Self> {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Self::new(status, headers, response.text().await?))
    }

    /// Parses an HTTP/1.1 response from the bytes of a connection that has been closed.
    pub fn parse(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no response: {text}"));
        let (status, headers) = head.split_once("\r\n").expect("headers");
        let status = status.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        let headers = headers.lines().filter_map(|line| line.split_once(": "));
        let headers = headers.map(|(name, value)| {
            (name.parse::<HeaderName>().expect("a name"), value.parse::<HeaderValue>().expect("a value"))
        });
        Self::new(status, headers.collect(), body.to_owned())
    }

    fn new(status: u16, headers: HeaderMap, text: String) -> Self {
        let body = serde_json::from_str(&text).unwrap_or_default();
        Self { status, headers, body, text }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub fn retry_after(&self) -> Option<i64> {
        self.header("retry-after")?.parse().ok()
    }
}
