//! The sandbox, called as real clients call WeChat and an SMS gateway.

mod faults;
mod login;
mod oauth;
mod page;
mod phone;
mod sms;
mod token;

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use passport::{
    sandbox::{App, AppKind, Sandbox},
    types::{Clock, Random, Secret},
};
use poem::{Server, listener::TcpAcceptor};
use reqwest::{Client, Method, Response, StatusCode, redirect::Policy};
use serde_json::{Value, json};
use tokio::net::TcpListener;

pub(crate) const MINI: &str = "wx_mini";
pub(crate) const MINI_SECRET: &str = "mini-secret";
pub(crate) const OFFICIAL: &str = "wx_official";
pub(crate) const OFFICIAL_SECRET: &str = "official-secret";

/// A time early in a day of Beijing, so that tests can advance by hours within it.
pub(crate) const START: i64 = 1_790_006_400;

/// A running sandbox with one app of each kind and a mock clock.
pub(crate) struct SandboxServer {
    pub(crate) address: String,
    client: Client,
    time: Arc<AtomicI64>,
}

impl SandboxServer {
    pub(crate) async fn start() -> Self {
        let time = Arc::new(AtomicI64::new(START));
        let clock = Clock::from_fn({
            let time = time.clone();
            move || time.load(Ordering::Relaxed)
        });
        let app = |kind, appid: &str, secret: &str| App { kind, appid: appid.into(), secret: Secret::new(secret) };
        let apps = vec![app(AppKind::Mini, MINI, MINI_SECRET), app(AppKind::Official, OFFICIAL, OFFICIAL_SECRET)];
        let sandbox = Sandbox::new(apps, clock, Random::seeded(7));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let acceptor = TcpAcceptor::from_tokio(listener).expect("an acceptor");
        tokio::spawn(Server::new_with_acceptor(acceptor).run(sandbox.routes()));
        let client = Client::builder().no_proxy().redirect(Policy::none()).build().expect("a client");
        Self { address, client, time }
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    fn seconds_pass(&self, seconds: i64) {
        self.time.fetch_add(seconds, Ordering::Relaxed);
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method, format!("{}{path}", self.address))
    }

    pub(crate) async fn get(&self, path: &str, query: &[(&str, &str)]) -> Response {
        self.request(Method::GET, path).query(query).send().await.expect("a response")
    }

    pub(crate) async fn send(&self, method: Method, path: &str, body: Value) -> Response {
        self.request(method, path).json(&body).send().await.expect("a response")
    }

    pub(crate) async fn mint(&self, kind: &str, fields: Value) -> String {
        let response = json_of(self.send(Method::POST, &format!("/codes/{kind}"), fields).await).await;
        response["code"].as_str().expect("a code").to_owned()
    }

    async fn log_in(&self, code: &str) -> Value {
        let query = [("appid", MINI), ("secret", MINI_SECRET), ("js_code", code), ("grant_type", "authorization_code")];
        json_of(self.get("/sns/jscode2session", &query).await).await
    }

    async fn exchange(&self, oauth_code: &str) -> Value {
        let query = [
            ("appid", OFFICIAL),
            ("secret", OFFICIAL_SECRET),
            ("code", oauth_code),
            ("grant_type", "authorization_code"),
        ];
        json_of(self.get("/sns/oauth2/access_token", &query).await).await
    }

    async fn stable_token(&self, force: bool) -> Value {
        let question = json!({
            "grant_type": "client_credential", "appid": MINI, "secret": MINI_SECRET, "force_refresh": force,
        });
        json_of(self.send(Method::POST, "/cgi-bin/stable_token", question).await).await
    }

    async fn plain_token(&self) -> Value {
        let query = [("grant_type", "client_credential"), ("appid", MINI), ("secret", MINI_SECRET)];
        json_of(self.get("/cgi-bin/token", &query).await).await
    }

    async fn phone_number(&self, token: &str, question: Value) -> Value {
        let path = format!("/wxa/business/getuserphonenumber?access_token={token}");
        json_of(self.send(Method::POST, &path, question).await).await
    }

    /// What a token is good for: 0, or the error number that it earns.
    async fn standing(&self, token: &Value) -> i64 {
        let token = token["access_token"].as_str().expect("a token");
        errcode(&self.phone_number(token, json!({"code": "phone_code_here"})).await)
    }

    pub(crate) async fn set_fault(&self, fault: Value) {
        let response = self.send(Method::PUT, "/faults", fault).await;
        assert_eq!(response.status(), StatusCode::OK);
    }

    pub(crate) async fn calls(&self, path: &str) -> i64 {
        let response = json_of(self.get("/calls", &[("path", path)]).await).await;
        response["count"].as_i64().expect("a count")
    }
}

pub(crate) async fn json_of(response: Response) -> Value {
    let bytes = response.bytes().await.expect("a body");
    serde_json::from_slice(&bytes).expect("JSON")
}

fn errcode(response: &Value) -> i64 {
    response["errcode"].as_i64().expect("an errcode")
}

/// The refusal of one of the sandbox's own paths.
async fn refusal(response: Response) -> (StatusCode, String) {
    let status = response.status();
    let response = json_of(response).await;
    (status, response["error"].as_str().expect("words").to_owned())
}
