use std::collections::HashMap;

use poem::{Request, http::Method};
use serde::de::DeserializeOwned;

use super::errcode::Errcode;

const MAX_BODY_BYTES: usize = 64 * 1024;

/// What the sandbox needs of a request.
pub(super) struct Call {
    pub(super) method: Method,
    query: HashMap<String, String>,
    pub(super) body: Vec<u8>,
}

impl Call {
    pub(super) async fn read(mut request: Request) -> poem::Result<Self> {
        let body = request.take_body().into_bytes_limit(MAX_BODY_BYTES).await?.to_vec();
        Ok(Self { method: request.method().clone(), query: request.params()?, body })
    }

    /// The value of a query parameter; `None` when it is empty.
    pub(super) fn query(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    pub(super) fn require_post(&self) -> Result<(), Errcode> {
        if self.method == Method::POST { Ok(()) } else { Err(Errcode::POST_REQUIRED) }
    }

    /// The body as JSON. As at WeChat, the content type does not matter.
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, Errcode> {
        if self.body.is_empty() {
            return Err(Errcode::EMPTY_BODY);
        }
        serde_json::from_slice(&self.body).map_err(|_| Errcode::BROKEN_JSON)
    }
}
