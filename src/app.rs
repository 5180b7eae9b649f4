//! Wires everything: the list of dialects, the routes, the background work, the start and the end.

use std::{collections::BTreeMap, io, net::SocketAddr, sync::Arc, time::Duration};

use poem::{
    Endpoint, EndpointExt, Response, Route, Server,
    endpoint::make_sync,
    get,
    listener::{Acceptor, Listener, TcpListener},
    middleware::Compression,
    web::Html,
};
use poem_openapi::{LicenseObject, OpenApi, OpenApiService};
use serde_json::Value;
use tokio::{sync::watch, task::JoinHandle};

use crate::{
    account::{self, Account},
    applet,
    config::{Config, Mistakes},
    ops,
    sandbox::{self, Sandbox},
    storage::{self, Storage},
    types::{Clock, Random, Secret},
    upstream::wechat::{self, ClientSettings, WechatClient},
    web::{Door, RequestLog, log_request, through_the_door},
};

/// How long what is in flight may take when the service ends: a little longer than the slowest operation.
const GRACE: Duration = Duration::from_secs(15);

const WECHAT_API: &str = "https://api.weixin.qq.com";

/// One OpenAPI document.
pub struct Spec {
    pub name: &'static str,
    pub json: String,
}

/// Every OpenAPI document, sorted and stable. Neither a database nor a secret is needed to make them.
pub fn specs() -> Vec<Spec> {
    vec![
        Spec { name: "openapi", json: canonical(&everything().spec()) },
        Spec { name: "applet", json: canonical(&applet_service().spec()) },
    ]
}

fn everything() -> OpenApiService<impl OpenApi, ()> {
    service(applet::api(), "passport", applet::DESCRIPTION)
}

fn applet_service() -> OpenApiService<impl OpenApi, ()> {
    service(applet::api(), "passport 小程序登录接口", applet::DESCRIPTION)
}

fn service<T: OpenApi>(api: T, title: &str, description: &str) -> OpenApiService<T, ()> {
    OpenApiService::new(api, title, env!("CARGO_PKG_VERSION"))
        .description(description)
        .license(LicenseObject::new("MIT").url("https://opensource.org/license/mit"))
        .server("/")
}

/// The document with its keys sorted, except where their order is part of the contract: in examples.
fn canonical(spec: &str) -> String {
    fn sort(value: Value) -> Value {
        match value {
            Value::Object(fields) => {
                let mut fields: Vec<(String, Value)> = fields.into_iter().collect();
                fields.sort_by(|(one, _), (other, _)| one.cmp(other));
                let sorted = |(key, value)| if key == "example" { (key, value) } else { (key, sort(value)) };
                Value::Object(fields.into_iter().map(sorted).collect())
            }
            Value::Array(items) => Value::Array(items.into_iter().map(sort).collect()),
            other => other,
        }
    }
    let document = serde_json::from_str(spec).expect("the framework writes JSON");
    format!("{:#}\n", sort(document))
}

/// The methods of every path, for the header `Allow`.
fn methods(spec: &Value) -> BTreeMap<String, String> {
    let mut methods: BTreeMap<String, String> =
        ["/docs", "/healthz", "/readyz"].map(|path| (path.to_owned(), "GET, HEAD".to_owned())).into();
    for spec in specs() {
        methods.insert(spec_path(spec.name), "GET, HEAD".to_owned());
    }
    for (path, operations) in spec["paths"].as_object().into_iter().flatten() {
        let mut allowed: Vec<String> =
            operations.as_object().into_iter().flatten().map(|(method, _)| method.to_uppercase()).collect();
        if allowed.iter().any(|method| method == "GET") {
            allowed.push("HEAD".to_owned());
        }
        methods.insert(path.clone(), allowed.join(", "));
    }
    methods
}

fn spec_path(name: &str) -> String {
    if name == "openapi" { "/openapi.json".to_owned() } else { format!("/openapi/{name}.json") }
}

/// Why the service did not start.
#[derive(Debug)]
pub enum StartError {
    Config(Mistakes),
    Database(storage::Error),
    Listen(SocketAddr, io::Error),
    Wechat(wechat::SetupError),
}

impl std::fmt::Display for StartError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Config(mistakes) => mistakes.fmt(formatter),
            Self::Database(error) => error.fmt(formatter),
            Self::Listen(address, error) => write!(formatter, "cannot listen on {address}: {error}"),
            Self::Wechat(error) => write!(formatter, "the WeChat client cannot be made: {error}"),
        }
    }
}

impl std::error::Error for StartError {}

impl From<Mistakes> for StartError {
    fn from(mistakes: Mistakes) -> Self {
        Self::Config(mistakes)
    }
}

impl From<storage::Error> for StartError {
    fn from(error: storage::Error) -> Self {
        Self::Database(error)
    }
}

/// Connects to the database that is set, making the folder of an embedded one.
///
/// # Errors
/// When the folder cannot be made or the database cannot be reached.
pub async fn open_storage(config: &Config) -> Result<Storage, StartError> {
    config.make_data_dir()?;
    let url = match config.database_url() {
        Some(url) => url.clone(),
        None => Secret::new(storage::embedded_url(&config.data_dir)),
    };
    Ok(Storage::connect(url.expose(), &config.database).await?)
}

/// A service that runs.
pub struct App {
    pub address: SocketAddr,
    /// `None` when WeChat is live.
    pub sandbox_address: Option<SocketAddr>,
    storage: Storage,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
    stop_sandbox: watch::Sender<bool>,
    sandbox: Option<JoinHandle<()>>,
}

impl App {
    /// Starts everything and returns when it listens.
    ///
    /// # Errors
    /// When the database, an address or a setting stands in the way.
    pub async fn start(config: Config, clock: Clock, random: Random) -> Result<Self, StartError> {
        let storage = open_storage(&config).await?;
        storage.migrate().await?;
        let keys = config.keys(&random)?;
        let (stop, stopped) = watch::channel(false);
        let (stop_sandbox, sandbox_stopped) = watch::channel(false);

        let (wechat, sandbox) = if config.is_sandbox() {
            let acceptor = listen(config.sandbox_listen).await?;
            let address = acceptor.address;
            let mini = sandbox_app(&config, &random);
            let sandbox = Sandbox::new(vec![mini.app()], clock.clone(), random.clone());
            let task = acceptor.serve(sandbox.routes(), sandbox_stopped, Duration::ZERO);
            let api_base = or_else(&config.wechat.api_base, || format!("http://{address}"));
            (client_settings(&config, &api_base, mini), Some((address, task)))
        } else {
            let api_base = or_else(&config.wechat.api_base, || WECHAT_API.to_owned());
            let mini = Mini { appid: config.wechat.mini.appid.clone(), secret: config.wechat.mini.secret.clone() };
            (client_settings(&config, &api_base, mini), None)
        };
        let wechat = WechatClient::new(wechat, clock.clone(), random.clone()).map_err(StartError::Wechat)?;
        let settings = account::Settings {
            applet_tokens: config.applet.token_rules(),
            applet_code_failures: config.applet.code_failures.clone(),
        };
        let account = Account::new(storage.clone(), wechat, &keys, clock, random.clone(), settings);

        let acceptor = listen(config.listen).await?;
        let address = acceptor.address;
        let sweeper = tokio::spawn(sweep(account.clone(), config.sweep.clone(), stopped.clone()));
        let server = acceptor.serve(routes(&config, account, storage.clone(), random), stopped, GRACE);

        let tasks = vec![server, sweeper];
        let (sandbox_address, sandbox) = sandbox.unzip();
        Ok(Self { address, sandbox_address, storage, stop, tasks, stop_sandbox, sandbox })
    }

    /// Takes no more requests, finishes what is in flight, and closes the database.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        for task in self.tasks {
            // A task that panicked has nothing left to finish.
            let _ = task.await;
        }
        // Last, because what is in flight may still be asking it.
        self.stop_sandbox.send_replace(true);
        if let Some(sandbox) = self.sandbox {
            let _ = sandbox.await;
        }
        self.storage.close().await;
    }
}

/// Every route of the service, from the request's id to the operation.
fn routes(config: &Config, account: Account, storage: Storage, random: Random) -> impl Endpoint + 'static {
    let everything = everything();
    let docs = everything.swagger_ui_html();
    let spec = serde_json::from_str(&everything.spec()).expect("the framework writes JSON");
    let door = Door::new(vec![applet::dialect(&config.applet)], methods(&spec));
    let log = Arc::new(RequestLog { trusted_proxies: config.trusted_proxies.clone(), random, door: Arc::clone(&door) });

    let mut route = Route::new()
        .nest("/", everything)
        .at("/docs", get(make_sync(move |_| Html(docs.clone()))).with(Compression::new()))
        .at("/healthz", get(ops::healthz))
        .at("/readyz", get(ops::readyz));
    for Spec { name, json } in specs() {
        let json = move |_| Response::builder().content_type("application/json").body(json.clone());
        route = route.at(spec_path(name), get(make_sync(json)).with(Compression::new()));
    }
    route
        .data(account)
        .data(config.applet.clone())
        .data(storage)
        .around(move |endpoint, request| through_the_door(endpoint, request, Arc::clone(&door)))
        .around(move |endpoint, request| log_request(endpoint, request, Arc::clone(&log)))
}

/// Deletes what has expired, batch by batch, until the service stops.
async fn sweep(account: Account, settings: account::SweepSettings, mut stopped: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(settings.interval) => {}
            _ = stopped.wait_for(|stopped| *stopped) => return,
        }
        // An error is logged where it arises, and the next round tries again.
        while matches!(account.sweep(settings.batch).await, Ok(true)) && !*stopped.borrow() {}
    }
}

struct Mini {
    appid: String,
    secret: Secret,
}

impl Mini {
    fn app(&self) -> sandbox::App {
        sandbox::App { kind: sandbox::AppKind::Mini, appid: self.appid.clone(), secret: self.secret.clone() }
    }
}

/// The mini program that the sandbox knows; what is not set is made up.
fn sandbox_app(config: &Config, random: &Random) -> Mini {
    let mini = &config.wechat.mini;
    let secret = if mini.secret.is_empty() { Secret::new(random.hex::<16>()) } else { mini.secret.clone() };
    Mini { appid: or_else(&mini.appid, || "wxsandboxmini00000".to_owned()), secret }
}

fn client_settings(config: &Config, api_base: &str, mini: Mini) -> ClientSettings {
    ClientSettings {
        api_base: api_base.parse().expect("the configuration checked it, or it is made of an address"),
        mini_appid: mini.appid,
        mini_secret: mini.secret,
        deadline: config.wechat.deadline,
        connect_timeout: config.wechat.connect_timeout,
        max_concurrency: config.wechat.max_concurrency,
    }
}

fn or_else(text: &str, otherwise: impl FnOnce() -> String) -> String {
    if text.is_empty() { otherwise() } else { text.to_owned() }
}

/// A listener that is bound, so that its port is known before it serves.
struct Bound<A> {
    address: SocketAddr,
    acceptor: A,
}

async fn listen(address: SocketAddr) -> Result<Bound<impl Acceptor + 'static>, StartError> {
    let mistake = |error| StartError::Listen(address, error);
    let acceptor = TcpListener::bind(address).into_acceptor().await.map_err(mistake)?;
    let bound = acceptor.local_addr().first().and_then(|local| local.as_socket_addr().copied());
    Ok(Bound { address: bound.unwrap_or(address), acceptor })
}

impl<A: Acceptor + 'static> Bound<A> {
    /// Serves until it is stopped, and then for at most `grace` what is in flight.
    fn serve<E>(self, endpoint: E, mut stopped: watch::Receiver<bool>, grace: Duration) -> JoinHandle<()>
    where
        E: Endpoint + 'static,
    {
        let address = self.address;
        tokio::spawn(async move {
            let stop = async move {
                // The sender lives as long as the service; when it is gone, so is the service.
                let _ = stopped.wait_for(|stopped| *stopped).await;
            };
            let served =
                Server::new_with_acceptor(self.acceptor).run_with_graceful_shutdown(endpoint, stop, Some(grace)).await;
            if let Err(error) = served {
                tracing::error!(error = error.to_string(), address = address.to_string(), "the listener failed");
            }
        })
    }
}
