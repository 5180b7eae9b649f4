//! Wires everything: the surfaces with their routes, the background task, start and stop.

mod account_settings;
mod cleanup;
mod docs;
mod listener;
mod methods;
mod openapi;
mod routes;
mod start_error;
mod static_file;
mod storage;
mod upstreams;

use std::{net::SocketAddr, time::Duration};

use tokio::{sync::watch, task::JoinHandle};

use self::{
    account_settings::account_settings,
    cleanup::clean_up,
    listener::listen,
    routes::routes,
    upstreams::{Apps, clients},
};
pub use self::{
    openapi::{Spec, specs},
    start_error::StartError,
    storage::open_storage,
};
use crate::{
    account::Account,
    config::Config,
    storage::Storage,
    types::{Clock, Random},
};

/// How long requests in flight may take after the stop: a little longer than the slowest operation.
const STOP_TIMEOUT: Duration = Duration::from_secs(15);

/// A running service.
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
    pub async fn start(mut config: Config, clock: Clock, random: Random) -> Result<Self, StartError> {
        let storage = open_storage(&config, random.clone()).await?;
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
        let settings = account_settings(&config);
        let account = Account::new(storage.clone(), wechat, sms, &keys, clock, random.clone(), settings);

        let acceptor = listen(config.listen).await?;
        let address = acceptor.address;
        let cleanup = tokio::spawn(clean_up(account.clone(), config.sweep.clone(), stopped.clone()));
        let routes = routes(&config, sandbox_address, account, storage.clone(), random);
        let tasks = vec![acceptor.serve(routes, stopped, STOP_TIMEOUT), cleanup];
        Ok(Self { address, sandbox_address, storage, stop, tasks, stop_sandbox, sandbox })
    }

    /// Accepts no more requests, finishes those in flight, and closes the database.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        for task in self.tasks {
            // A task that panicked has nothing left to finish.
            let _ = task.await;
        }
        // The sandbox stops last, because requests in flight may still call it.
        self.stop_sandbox.send_replace(true);
        if let Some(sandbox) = self.sandbox {
            let _ = sandbox.await;
        }
        self.storage.close().await;
    }
}
