use reqwest::RequestBuilder;
use serde_json::{Value, json};
use url::Url;

use crate::upstream::http::HttpClient;

use super::gateway::{Errand, Gateway, Meaning};

/// The sandbox's `POST /sms`. It never refuses by itself; the error numbers that it is told to answer are read like
/// the HTTP statuses of the same meaning.
pub(super) struct Sandbox {
    url: Url,
}

impl Sandbox {
    pub(super) fn new(mut base: Url) -> Self {
        base.path_segments_mut().expect("an http(s) address takes a path").pop_if_empty().push("sms");
        Self { url: base }
    }
}

impl Gateway for Sandbox {
    fn name(&self) -> &'static str {
        "sandbox"
    }

    fn request(&self, http: &HttpClient, errand: &Errand<'_>) -> Option<RequestBuilder> {
        let mut body = json!({ "mobile": errand.phone.as_str(), "type": errand.message.kind() });
        if let Some(code) = errand.message.code() {
            body["code"] = code.expose().into();
        }
        Some(http.post(self.url.clone()).json(&body))
    }

    fn code(&self, body: &[u8]) -> Option<String> {
        let answer: Value = serde_json::from_slice(body).ok()?;
        Some(answer.get("code")?.as_str()?.to_owned())
    }

    fn meaning(&self, code: &str) -> Meaning {
        match code {
            "OK" => Meaning::Sent,
            "402" => Meaning::OutOfMoney,
            "429" => Meaning::Throttled,
            _ => Meaning::Refused,
        }
    }
}
