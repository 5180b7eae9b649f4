use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

/// A response of the service.
#[derive(Debug)]
pub struct Response {
    pub status: u16,
    pub headers: HeaderMap,
    /// `null` when it is no JSON.
    pub body: Value,
    pub text: String,
}

impl Response {
    pub async fn read(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Self::new(status, headers, response.text().await.expect("a whole body"))
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
