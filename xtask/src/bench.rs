//! `cargo xtask bench`: the release build under load from this machine. Everything is measured in one run, because the
//! speed of a machine drifts: compare the ratios rather than the absolute figures.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use reqwest::Client;
use serde_json::Value;

use crate::test::service::Service;
use crate::workspace::Workspace;

/// Concurrent requests.
const CALLERS: usize = 8;

/// How long one kind of request is measured.
const SPAN: Duration = Duration::from_secs(4);

/// How many wrong logins of each kind are timed.
const LOGINS: usize = 60;

/// Concurrent logins in the flood: far more than the queue for password hashes holds.
const FLOOD: usize = 200;

const PASSWORD: &str = "bench password 7";
const MOBILE: &str = "18026740326";
const LIFTED: &str = "1000000000";

/// The defaults of the settings that checks lower, and a log with warnings only.
const DEFAULTS: [(&str, &str); 3] =
    [("PASSPORT_PASSWORD__MEMORY", "19456"), ("PASSPORT_PASSWORD__ITERATIONS", "2"), ("PASSPORT_LOG__LEVEL", "warn")];

/// # Errors
/// When the service cannot be built or started, or answers what it should not.
pub(crate) fn run(workspace: &Workspace) -> Result<(), String> {
    if !workspace.cargo(["build", "--release", "--package", "passport"]).status().is_ok_and(|status| status.success()) {
        return Err("the release build failed".to_owned());
    }
    let lifted: Vec<(String, &str)> = ["ACCOUNT_ADDRESS", "ACCOUNT", "ADDRESS"]
        .iter()
        .map(|limit| (format!("PASSPORT_MALL__LIMITS__PASSWORD_{limit}__MAX"), LIFTED))
        .chain(DEFAULTS.map(|(name, value)| (name.to_owned(), value)))
        .collect();
    let settings: Vec<(&str, &str)> = lifted.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    let service = Service::start_with(&workspace.target.join("release/passport"), &settings)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    runtime.map_err(|error| error.to_string())?.block_on(measure(&service))
}

async fn measure(service: &Service) -> Result<(), String> {
    let bench = Arc::new(Bench { client: Client::builder().no_proxy().build().map_err(text)?, url: service.url() });
    println!("idle: {}", memory(service.process()));

    println!("\n{CALLERS} callers for {} s each          per second   ratio   median      99 %", SPAN.as_secs());
    let token = bench.token().await?;
    let base = bench.load(|bench| async move { bench.get("/healthz").await }).await?;
    base.print("GET /healthz", &base);
    let check = format!("/applet/login/checkLogin?token={token}");
    let checked = bench
        .load(|bench| {
            let check = check.clone();
            async move { bench.get(&check).await }
        })
        .await?;
    checked.print("GET checkLogin", &base);
    bench
        .load(|bench| async move { bench.token().await.map(drop) })
        .await?
        .print("POST wxLogin (asks the sandbox)", &base);
    bench.load(|bench| async move { bench.refreshed().await }).await?.print("POST wxLogin + refreshToken", &base);

    bench.register(&service.sandbox_url()).await?;
    let (mut wrong, mut unknown) = (Vec::new(), Vec::new());
    for _ in 0..LOGINS {
        wrong.push(bench.refused_login(MOBILE).await?);
        unknown.push(bench.refused_login("18026740327").await?);
    }
    let (wrong, unknown) = (Load::of(wrong), Load::of(unknown));
    println!(
        "\nlogin refused, median of {LOGINS}: wrong password {:.1} ms, unknown user {:.1} ms, ratio {:.2}",
        wrong.median_ms(),
        unknown.median_ms(),
        unknown.median_ms() / wrong.median_ms()
    );

    let flood: Vec<_> = (0..FLOOD)
        .map(|_| {
            let bench = Arc::clone(&bench);
            tokio::spawn(async move { bench.login_status().await })
        })
        .collect();
    let mut during = Vec::new();
    while !flood.iter().all(tokio::task::JoinHandle::is_finished) {
        let started = Instant::now();
        bench.get(&check).await?;
        during.push(started.elapsed());
    }
    let mut shed = 0;
    for one in flood {
        shed += usize::from(one.await.map_err(text)?? == 503);
    }
    let during = Load::of(during);
    println!(
        "{FLOOD} logins at once: {shed} answered 503, the rest served; meanwhile checkLogin one after another: median {:.1} ms, 99 % {:.1} ms",
        during.median_ms(),
        during.tail_ms()
    );
    println!("afterwards: {}", memory(service.process()));
    Ok(())
}

struct Bench {
    client: Client,
    url: String,
}

impl Bench {
    /// Lets the callers repeat a request for the span.
    async fn load<F, R>(self: &Arc<Self>, request: F) -> Result<Load, String>
    where
        F: Fn(Arc<Self>) -> R,
        R: Future<Output = Result<(), String>> + Send + 'static,
    {
        let until = Instant::now() + SPAN;
        let caller = || async {
            let mut times = Vec::new();
            while Instant::now() < until {
                let started = Instant::now();
                request(Arc::clone(self)).await?;
                times.push(started.elapsed());
            }
            Ok::<_, String>(times)
        };
        let mut all = Vec::new();
        for times in join_all((0..CALLERS).map(|_| caller())).await {
            all.extend(times?);
        }
        Ok(Load::of(all))
    }

    async fn get(&self, path: &str) -> Result<(), String> {
        let answer = self.client.get(format!("{}{path}", self.url)).send().await.map_err(text)?;
        let status = answer.status();
        answer.bytes().await.map_err(text)?;
        if status == 200 { Ok(()) } else { Err(format!("{path}: {status}")) }
    }

    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Result<(u16, Value), String> {
        let answer = self.client.post(format!("{}{path}", self.url)).form(fields).send().await.map_err(text)?;
        let status = answer.status().as_u16();
        Ok((status, answer.json().await.map_err(text)?))
    }

    async fn token(&self) -> Result<String, String> {
        let (_, answer) = self.post("/applet/login/wxLogin", &[("code", "wx_login_code_here")]).await?;
        answer["result"]["token"].as_str().map(str::to_owned).ok_or_else(|| answer.to_string())
    }

    async fn refreshed(&self) -> Result<(), String> {
        let token = self.token().await?;
        let (status, answer) = self.post("/applet/login/refreshToken", &[("token", &token)]).await?;
        if status == 200 { Ok(()) } else { Err(answer.to_string()) }
    }

    async fn register(&self, sandbox: &str) -> Result<(), String> {
        self.post("/users/send_sms", &[("username", MOBILE), ("type", "register")]).await?;
        let sent = self.client.get(format!("{sandbox}/sms?mobile={MOBILE}")).send().await.map_err(text)?;
        let sent: Value = sent.json().await.map_err(text)?;
        let code = sent[0]["code"].as_str().unwrap_or_default().to_owned();
        let fields = [("username", MOBILE), ("password", PASSWORD), ("code", &code)];
        let (_, answer) = self.post("/users/register", &fields).await?;
        if answer["code"] == 1 { Ok(()) } else { Err(answer.to_string()) }
    }

    async fn refused_login(&self, name: &str) -> Result<Duration, String> {
        let started = Instant::now();
        let (_, answer) = self.post("/users/login", &[("username", name), ("password", "not the password")]).await?;
        let time = started.elapsed();
        if answer["code"] == 0 { Ok(time) } else { Err(answer.to_string()) }
    }

    async fn login_status(&self) -> Result<u16, String> {
        Ok(self.post("/users/login", &[("username", MOBILE), ("password", PASSWORD)]).await?.0)
    }
}

/// How long requests took, sorted.
struct Load(Vec<Duration>);

impl Load {
    fn of(mut times: Vec<Duration>) -> Self {
        times.sort();
        Self(times)
    }

    fn at(&self, share: f64) -> f64 {
        let index = (self.0.len() as f64 * share) as usize;
        self.0.get(index).map_or(0.0, |time| time.as_secs_f64() * 1_000.0)
    }

    fn median_ms(&self) -> f64 {
        self.at(0.5)
    }

    fn tail_ms(&self) -> f64 {
        self.at(0.99)
    }

    fn per_second(&self) -> f64 {
        self.0.len() as f64 / SPAN.as_secs_f64()
    }

    fn print(&self, name: &str, base: &Self) {
        println!(
            "{name:<33} {:>10.0} {:>7.2} {:>6.1} ms {:>6.1} ms",
            self.per_second(),
            self.per_second() / base.per_second(),
            self.median_ms(),
            self.tail_ms()
        );
    }
}

/// What the process holds in memory now, and has held at most.
fn memory(process: u32) -> String {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
        kib.map_or("unknown".to_owned(), |kib| format!("{:.1} MiB", kib / 1024.0))
    };
    format!("memory {}, at most {}", field("VmRSS:"), field("VmHWM:"))
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
