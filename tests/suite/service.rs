//! A service for each test: the real routes, a database, the sandbox, and a mock clock. Every response that a test
//! sees has been compared with the exported spec.

mod applet;
mod contract;
mod database;
mod mall;
mod response;
mod sandbox;

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use crate::engine::Home;
use passport::{
    account::Admin,
    app::{App, open_storage},
    config::{Config, Sources},
    types::{Clock, Random, Timestamp},
};
use reqwest::{Client, Method, RequestBuilder, redirect::Policy};
use serde_json::Value;

pub use self::{
    applet::LoggedIn,
    contract::assert_contract,
    database::Stored,
    mall::{Member, PASSWORD},
    response::{Response, exchange},
};

/// The time at which every test starts.
pub const START: Timestamp = 1_790_006_400;

pub const MINUTE: i64 = 60;
pub const DAY: i64 = 86_400;

pub struct Service {
    app: App,
    client: Client,
    pub clock: MockClock,
    environment: Vec<(String, String)>,
    /// Several instances share the sandbox of the first one.
    sandbox: Option<SocketAddr>,
    /// Holds the database and the secret; removed with the test.
    home: Arc<Home>,
}

impl Service {
    pub async fn start() -> Self {
        Self::with(&[]).await
    }

    /// A service with these environment variables.
    pub async fn with(settings: &[(&str, &str)]) -> Self {
        let home = Arc::new(Home::new());
        let mut environment = vec![
            ("PASSPORT_LISTEN".to_owned(), "127.0.0.1:0".to_owned()),
            ("PASSPORT_SANDBOX_LISTEN".to_owned(), "127.0.0.1:0".to_owned()),
            ("PASSPORT_DATA_DIR".to_owned(), home.folder.path().join("data").display().to_string()),
        ];
        environment.extend(home.settings());
        // Cheap hashes; a test of its own covers what they cost by default.
        environment.push(("PASSPORT_PASSWORD__MEMORY".to_owned(), "64".to_owned()));
        environment.push(("PASSPORT_PASSWORD__ITERATIONS".to_owned(), "1".to_owned()));
        environment.retain(|(name, _)| !settings.iter().any(|(own, _)| own == name));
        environment.extend(settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let clock = MockClock(Arc::new(AtomicI64::new(START)));
        let app = run(&environment, &clock).await;
        // Longer than every deadline of the service: a test that hangs fails.
        let client = Client::builder().no_proxy().redirect(Policy::none());
        let client = client.timeout(Duration::from_secs(60)).build().expect("a client");
        let sandbox = app.sandbox_address;
        Self { app, client, clock, environment, sandbox, home }
    }

    /// Another instance on the same database, with the same WeChat and the same clock.
    pub async fn second_instance(&self) -> Self {
        let mut environment = self.environment.clone();
        for base in ["PASSPORT_WECHAT__API_BASE", "PASSPORT_WECHAT__OPEN_BASE", "PASSPORT_SMS__API_BASE"] {
            environment.push((base.to_owned(), self.sandbox_url("")));
        }
        let app = run(&environment, &self.clock).await;
        let (client, clock, home) = (self.client.clone(), self.clock.clone(), Arc::clone(&self.home));
        Self { app, client, clock, environment, sandbox: self.sandbox, home }
    }

    /// Stops the service and starts it again on the same database and data folder.
    pub async fn restart(self) -> Self {
        self.restart_with(&[]).await
    }

    /// The same, with other settings.
    pub async fn restart_with(self, settings: &[(&str, &str)]) -> Self {
        let Self { app, client, clock, mut environment, home, .. } = self;
        app.stop().await;
        environment.retain(|(name, _)| !settings.iter().any(|(own, _)| own == name));
        environment.extend(settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let app = run(&environment, &clock).await;
        let sandbox = app.sandbox_address;
        Self { app, client, clock, environment, sandbox, home }
    }

    /// The settings of the service, read anew.
    pub fn config(&self) -> Config {
        config(&self.environment)
    }

    pub fn address(&self) -> SocketAddr {
        self.app.address
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.app.address)
    }

    /// The operator's commands, in another process than the service.
    pub async fn admin(&self) -> Admin {
        let storage = open_storage(&self.config(), Random::system()).await.expect("a database");
        Admin::new(storage, self.clock.clock())
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, self.url(path))
    }

    /// Sends a request and compares the response with the contract.
    pub async fn send(&self, request: RequestBuilder) -> Response {
        exchange(&self.client, request, self.is_always_ok()).await.expect("a response")
    }

    pub async fn get(&self, path: &str, query: &[(&str, &str)]) -> Response {
        self.send(self.request(Method::GET, path).query(query)).await
    }

    pub async fn post_json(&self, path: &str, body: &Value) -> Response {
        self.send(self.request(Method::POST, path).json(body)).await
    }

    pub async fn post_form(&self, path: &str, fields: &[(&str, &str)]) -> Response {
        self.send(self.request(Method::POST, path).form(fields)).await
    }

    /// The same fields as a form, in which what is no text is JSON text.
    pub async fn post_as_form(&self, path: &str, fields: &Value) -> Response {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let fields: Vec<(&str, String)> =
            fields.as_object().expect("fields").iter().map(|(name, value)| (name.as_str(), text(value))).collect();
        self.send(self.request(Method::POST, path).form(&fields)).await
    }

    fn is_always_ok(&self) -> bool {
        self.environment.iter().any(|(name, value)| name == "PASSPORT_APPLET__HTTP_STATUS" && value == "always_ok")
    }
}

/// The clock of the service and of the sandbox; only the test moves it.
#[derive(Clone)]
pub struct MockClock(Arc<AtomicI64>);

impl MockClock {
    pub fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }

    fn clock(&self) -> Clock {
        let time = Arc::clone(&self.0);
        Clock::from_fn(move || time.load(Ordering::SeqCst))
    }
}

fn config(environment: &[(String, String)]) -> Config {
    let sources = Sources { environment: environment.to_vec(), ..Default::default() };
    Config::load(sources).unwrap_or_else(|errors| panic!("{errors}"))
}

async fn run(environment: &[(String, String)], clock: &MockClock) -> App {
    App::start(config(environment), clock.clock(), Random::system()).await.unwrap_or_else(|error| panic!("{error}"))
}
