//! The built service, started for a check and stopped after it.

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// How long the service may take to create its database and become ready.
const START: Duration = Duration::from_secs(30);

/// The interval at which readiness is polled.
const PAUSE: Duration = Duration::from_millis(50);

/// How much of the log is shown after a failure.
const LAST_LINES: usize = 60;

/// The settings of limits, as the environment names them.
const LIMITS: [&str; 8] = [
    "APPLET__CODE_FAILURES",
    "MALL__LIMITS__SMS_GAP",
    "MALL__LIMITS__SMS_NUMBER",
    "MALL__LIMITS__SMS_CALLS",
    "MALL__LIMITS__SMS_BUDGET",
    "MALL__LIMITS__PASSWORD_ACCOUNT_ADDRESS",
    "MALL__LIMITS__PASSWORD_ACCOUNT",
    "MALL__LIMITS__PASSWORD_ADDRESS",
];

/// A running service with its own data and sandbox; dropped, it is stopped and its data is gone.
pub(crate) struct Service {
    process: Child,
    address: SocketAddr,
    sandbox: SocketAddr,
    folder: TempDir,
}

impl Service {
    /// Starts `program` on free ports and waits until it is ready.
    ///
    /// # Errors
    /// When it does not start, ends, or is not ready in time; the end of its log is part of the message.
    pub(crate) fn start(program: &Path) -> Result<Self, String> {
        Self::start_with(program, &[])
    }

    /// The same with more settings.
    pub(crate) fn start_with(program: &Path, settings: &[(&str, &str)]) -> Result<Self, String> {
        let failed = |error: std::io::Error| format!("{}: {error}", program.display());
        let folder = tempfile::tempdir().map_err(failed)?;
        let log = File::create(folder.path().join("log")).map_err(failed)?;
        let [address, sandbox] = free_addresses().map_err(failed)?;
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PASSPORT_")) {
            command.env_remove(name);
        }
        let process = command
            .arg("serve")
            .current_dir(folder.path())
            .env("PASSPORT_LISTEN", address.to_string())
            .env("PASSPORT_SANDBOX_LISTEN", sandbox.to_string())
            .env("PASSPORT_DATA_DIR", folder.path().join("data"))
            // Requests that fail on purpose, or send many codes, would reach these limits.
            .envs(LIMITS.map(|limit| (format!("PASSPORT_{limit}__MAX"), "1000000000")))
            // The cost of a hash does not matter to the contract.
            .env("PASSPORT_PASSWORD__MEMORY", "64")
            .env("PASSPORT_PASSWORD__ITERATIONS", "1")
            .envs(settings.iter().copied())
            .stdin(Stdio::null())
            .stdout(log.try_clone().map_err(failed)?)
            .stderr(log)
            .spawn()
            .map_err(failed)?;
        let mut service = Self { process, address, sandbox, folder };
        match service.await_ready() {
            Ok(()) => Ok(service),
            Err(why) => Err(format!("the service {why}\n{}", service.log())),
        }
    }

    /// Its URL, without a slash at the end.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The URL of its sandbox, without a slash at the end.
    pub(crate) fn sandbox_url(&self) -> String {
        format!("http://{}", self.sandbox)
    }

    /// The id of its process.
    pub(crate) fn process(&self) -> u32 {
        self.process.id()
    }

    /// The end of its log.
    pub(crate) fn log(&self) -> String {
        let log = fs::read(self.folder.path().join("log")).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<&str> = log.lines().collect();
        let last = &lines[lines.len().saturating_sub(LAST_LINES)..];
        format!("---- the service's last {} lines\n{}\n----", last.len(), last.join("\n"))
    }

    fn await_ready(&mut self) -> Result<(), String> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| format!("cannot be asked: {error}"))?;
        let client = reqwest::Client::builder().no_proxy().timeout(START).build();
        let client = client.map_err(|error| format!("cannot be asked: {error}"))?;
        let ready = format!("{}/readyz", self.url());
        let started = Instant::now();
        runtime.block_on(async {
            loop {
                if client.get(&ready).send().await.is_ok_and(|answer| answer.status() == 200) {
                    return Ok(());
                }
                if let Ok(Some(status)) = self.process.try_wait() {
                    return Err(format!("ended with {status}"));
                }
                if started.elapsed() > START {
                    return Err(format!("was not ready within {} s", START.as_secs()));
                }
                tokio::time::sleep(PAUSE).await;
            }
        })
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // Fails only if the service has already ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Two unused addresses of this machine; both are held until both are known.
fn free_addresses() -> std::io::Result<[SocketAddr; 2]> {
    let bind = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    let (first, second) = (bind()?, bind()?);
    Ok([first.local_addr()?, second.local_addr()?])
}
