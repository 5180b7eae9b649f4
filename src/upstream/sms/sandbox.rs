use reqwest::RequestBuilder;
use serde_json::{Value, json};

use super::gateway::{Gateway, Outcome, SmsRequest};
use crate::upstream::http::{HttpClient, below};

/// The sandbox's `POST /sms`. It refuses only what it was told to refuse, with error numbers that mean the same as the
/// HTTP statuses.
pub(super) struct Sandbox;

impl Gateway for Sandbox {
    fn name(&self) -> &'static str {
        "sandbox"
    }

    fn request(&self, http: &HttpClient, sms: &SmsRequest<'_>) -> Option<RequestBuilder> {
        let mut body = json!({ "mobile": sms.phone.as_str(), "type": sms.message.kind() });
        if let Some(code) = sms.message.code() {
            body["code"] = code.expose().into();
        }
        Some(http.post(below(http.base(), "sms")).json(&body))
    }

    fn code(&self, body: &[u8]) -> Option<String> {
        let response: Value = serde_json::from_slice(body).ok()?;
        Some(response.get("code")?.as_str()?.to_owned())
    }

    fn outcome(&self, code: &str) -> Outcome {
        match code {
            "OK" => Outcome::Sent,
            "402" => Outcome::OutOfMoney,
            "429" => Outcome::Throttled,
            _ => Outcome::Refused,
        }
    }
}
