//! Wires everything: the list of dialects, the routes, the background work, the start and the end.

mod contract;
mod docs;
mod listener;
mod packed;
mod upstreams;

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use poem::{Endpoint, EndpointExt, Route, get};
use tokio::{sync::watch, task::JoinHandle};

pub use self::contract::{Spec, specs};
use self::{
    contract::{everything, methods},
    listener::listen,
    packed::Packed,
    upstreams::{Apps, clients},
};
use crate::{
    account::{self, Account},
    applet,
    config::{Config, Mistakes},
    http::{ErrorLayer, RequestLog, across_origins, limit_body, log_request, render_errors},
    mall, ops,
    storage::{self, Storage},
    types::{Clock, Random, Secret},
    upstream::wechat::SetupError,
};

/// How long what is in flight may take when the service ends: a little longer than the slowest operation.
const GRACE: Duration = Duration::from_secs(15);

/// Why the service did not start.
#[derive(Debug)]
pub enum StartError {
    Config(Mistakes),
    Database(storage::Error),
    Listen(SocketAddr, io::Error),
    Upstream(SetupError),
}

impl std::fmt::Display for StartError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Config(mistakes) => mistakes.fmt(formatter),
            Self::Database(error) => write!(formatter, "database_url: {error}"),
            Self::Listen(address, error) => write!(formatter, "cannot listen on {address}: {error}"),
            Self::Upstream(error) => error.fmt(formatter),
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
    pub async fn start(mut config: Config, clock: Clock, random: Random) -> Result<Self, StartError> {
        let storage = open_storage(&config).await?;
        storage.migrate().await?;
        let keys = config.keys(&random)?;
        let (stop, stopped) = watch::channel(false);
        let (stop_sandbox, sandbox_stopped) = watch::channel(false);

        let apps = Apps::new(&config, &random);
        let (sandbox_address, sandbox) = if config.is_sandbox() {
            let acceptor = listen(config.sandbox_listen).await?;
            let address = acceptor.address;
            let sandbox = apps.sandbox(clock.clone(), random.clone());
            (Some(address), Some(acceptor.serve(sandbox.routes(), sandbox_stopped, Duration::ZERO)))
        } else {
            (None, None)
        };
        let (wechat, sms) = clients(&mut config, apps, sandbox_address, &clock, &random)?;
        let rules = account_rules(&config);
        let account = Account::new(storage.clone(), wechat, sms, &keys, clock, random.clone(), rules);

        let acceptor = listen(config.listen).await?;
        let address = acceptor.address;
        let sweeper = tokio::spawn(sweep(account.clone(), config.sweep.clone(), stopped.clone()));
        let server = acceptor.serve(routes(&config, sandbox_address, account, storage.clone(), random), stopped, GRACE);

        let tasks = vec![server, sweeper];
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
fn routes(
    config: &Config,
    sandbox: Option<SocketAddr>,
    account: Account,
    storage: Storage,
    random: Random,
) -> impl Endpoint + 'static {
    let docs = docs::files(sandbox);
    let specs = specs();
    let surfaces = vec![applet::surface(&config.applet), mall::surface()];
    let others = docs.iter().map(|(path, _)| *path).chain(["/healthz", "/readyz"]);
    let layer = ErrorLayer::new(surfaces, methods(&specs, others));
    let log = RequestLog { trusted_proxies: config.trusted_proxies.clone(), random, layer: Arc::clone(&layer) };
    let (log, cors, localhost) = (Arc::new(log), Arc::new(config.cors.clone()), config.is_sandbox());

    let mut route =
        Route::new().nest("/", everything()).at("/healthz", get(ops::healthz)).at("/readyz", get(ops::readyz));
    for (path, file) in docs {
        route = route.at(path, get(file));
    }
    for spec in specs {
        route = route.at(spec.path(), get(Packed::new("application/json", spec.json)));
    }
    let outer = Arc::clone(&layer);
    route
        .data(applet::Context::new(account.clone(), config.applet.clone()))
        .data(mall::Context::new(account, config.mall.clone()))
        .data(storage)
        .around(limit_body)
        .around(move |endpoint, request| render_errors(endpoint, request, Arc::clone(&layer)))
        .around(move |endpoint, request| across_origins(endpoint, request, Arc::clone(&cors), localhost))
        .around(move |endpoint, request| render_errors(endpoint, request, Arc::clone(&outer)))
        .around(move |endpoint, request| log_request(endpoint, request, Arc::clone(&log)))
}

/// The rules of the account core, as the parts of the configuration have them.
fn account_rules(config: &Config) -> account::Settings {
    account::Settings {
        applet_tokens: config.applet.token_rules(),
        applet_code_failures: config.applet.code_failures.clone(),
        mall_tokens: config.mall.token_rules(),
        mall_extension_step: config.mall.extension_step,
        hide_registration: config.mall.hide_registration,
        limits: config.mall.limits.clone(),
        password: config.password.clone(),
        return_urls: config.wechat.official.return_urls.clone(),
    }
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
