//! Control of the sandbox: codes, messages, faults.

use reqwest::Method;
use serde_json::{Value, json};

use super::Service;

impl Service {
    pub fn sandbox_url(&self, path: &str) -> String {
        format!("http://{}{path}", self.sandbox.expect("a sandbox"))
    }

    async fn control(&self, method: Method, path: &str, body: &Value) -> Value {
        let request = self.client.request(method, self.sandbox_url(path)).json(body);
        let response = request.send().await.expect("a response");
        let status = response.status();
        let text = response.text().await.expect("a body");
        assert!(status.is_success(), "{path}: {text}");
        serde_json::from_str(&text).expect("JSON")
    }

    async fn mint(&self, kind: &str, fields: Value) -> String {
        let response = self.control(Method::POST, &format!("/codes/{kind}"), &fields).await;
        response["code"].as_str().expect("a code").to_owned()
    }

    /// A code of `wx.login()`.
    pub async fn mint_login(&self, openid: &str, unionid: Option<&str>) -> String {
        let mut fields = json!({"openid": openid});
        if let Some(unionid) = unionid {
            fields["unionid"] = unionid.into();
        }
        self.mint("login", fields).await
    }

    /// A code of the phone number button, pressed by `openid`, or by anybody.
    pub async fn mint_phone(&self, phone: &str, openid: Option<&str>) -> String {
        let mut fields = json!({"phone": phone});
        if let Some(openid) = openid {
            fields["openid"] = openid.into();
        }
        self.mint("phone", fields).await
    }

    /// A code as from a visitor who allowed everything on the consent page.
    pub async fn mint_oauth(&self, visitor: Value) -> String {
        self.mint("oauth", visitor).await
    }

    /// The messages to a number, the newest first.
    pub async fn outbox(&self, mobile: &str) -> Vec<Value> {
        let messages = self.control(Method::GET, &format!("/sms?mobile={mobile}"), &json!({})).await;
        messages.as_array().expect("messages").clone()
    }

    /// Makes the next `times` calls of `path` go wrong.
    pub async fn fault(&self, path: &str, kind: &str, value: impl Into<Value>, times: u64) {
        let fault = json!({"path": path, "kind": kind, "value": value.into(), "times": times});
        self.control(Method::PUT, "/faults", &fault).await;
    }

    pub async fn clear_faults(&self) {
        self.control(Method::DELETE, "/faults", &json!({})).await;
    }

    /// How many calls have come to `path`.
    pub async fn calls(&self, path: &str) -> i64 {
        let response = self.control(Method::GET, &format!("/calls?path={path}"), &json!({})).await;
        response["count"].as_i64().expect("a count")
    }
}
