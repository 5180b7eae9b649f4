//! The built program as a process of its own, in a folder of its own and on ports that it finds free.

use std::{
    ffi::OsString,
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use reqwest::{Client, Method, RequestBuilder, StatusCode};
use sea_orm::DatabaseConnection;
use serde_json::{Value, json};
use tempfile::NamedTempFile;

use crate::{
    engine::Home,
    service::{Response, exchange},
};

/// How long a test waits for anything.
const TIMEOUT: Duration = Duration::from_secs(60);

pub const LOGIN: &str = "/applet/login/wxLogin";
pub const CHECK: &str = "/applet/login/checkLogin";
pub const PHONE: &str = "/applet/login/getPhoneNumber";
pub const BIND: &str = "/applet/login/bindPhoneNumber";
pub const REFRESH: &str = "/applet/login/refreshToken";
pub const LOGOUT: &str = "/applet/login/logout";

/// A folder to work in and the settings to start with. Nothing is in the environment but `PATH` and what is set here.
#[derive(Clone)]
pub struct Passport {
    home: Arc<Home>,
    environment: Vec<(String, OsString)>,
    /// The program, with its arguments, that starts it, when it is not the test itself.
    starter: Vec<String>,
    arguments: Vec<String>,
}

impl Passport {
    /// A fresh folder, and listeners on free ports.
    pub fn new() -> Self {
        Self::at(Home::new())
    }

    /// The same with the embedded database, whatever the tests run on.
    pub fn embedded() -> Self {
        Self::at(Home::embedded())
    }

    fn at(home: Home) -> Self {
        let home = Arc::new(home);
        let environment = home.settings().into_iter().map(|(name, value)| (name, value.into())).collect();
        Self { home, environment, starter: vec![], arguments: vec![] }
            .set("PASSPORT_LISTEN", "127.0.0.1:0")
            .set("PASSPORT_SANDBOX_LISTEN", "127.0.0.1:0")
    }

    pub fn set(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self = self.unset(name);
        self.environment.push((name.to_owned(), value.into()));
        self
    }

    pub fn unset(mut self, name: &str) -> Self {
        self.environment.retain(|(set, _)| set != name);
        self
    }

    pub fn with(mut self, arguments: &[&str]) -> Self {
        self.arguments.extend(arguments.iter().map(|argument| (*argument).to_owned()));
        self
    }

    /// Lets another program, such as a shell with limits, exec the service.
    pub fn started_by(mut self, starter: &[&str]) -> Self {
        self.starter = starter.iter().map(|word| (*word).to_owned()).collect();
        self
    }

    /// Puts a file into the folder.
    pub fn with_file(self, name: &str, text: &str) -> Self {
        std::fs::write(self.path(name), text).expect("a file");
        self
    }

    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.home.folder.path().join(name)
    }

    /// A connection to the database, beside the program's own.
    pub async fn database(&self) -> DatabaseConnection {
        self.home.database().await
    }

    /// The same, to a database that only the first migration has been applied to.
    pub async fn first_schema(&self) -> DatabaseConnection {
        let database = self.home.new_database().await;
        <migration::Migrator as migration::MigratorTrait>::up(&database, Some(1)).await.expect("the first migration");
        database
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut words = self.starter.iter().map(String::as_str).chain([env!("CARGO_BIN_EXE_passport")]);
        let mut command = Command::new(words.next().expect("there is the program"));
        command.args(words).args(&self.arguments).args(arguments).current_dir(self.home.folder.path()).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).stdin(Stdio::null());
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Starts the service and returns when it listens.
    pub async fn start(&self) -> Service {
        let log = NamedTempFile::new().expect("a file");
        let mut command = self.command(&[]);
        command.stdout(Stdio::piped()).stderr(log.reopen().expect("a handle"));
        let mut child = command.spawn().expect("the program starts");
        let output = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut service = Service {
            home: self.clone(),
            process: Process(child),
            output: Arc::new(Mutex::new((output, String::new()))),
            log,
            address: String::new(),
            sandbox: None,
            client: Client::builder().no_proxy().build().expect("a client"),
        };
        let output = service.output.clone();
        let page = with_timeout(move || {
            let (pipe, text) = &mut *output.lock().expect("the output");
            while !is_complete(text) && pipe.read_line(text).expect("text") > 0 {}
            text.clone()
        })
        .await;
        assert!(is_complete(&page), "no start page, but {page:?} and {}", service.log());
        service.address = listed(&page, "Swagger UI").expect("an address").trim_end_matches("/docs").to_owned();
        service.sandbox = listed(&page, "Sandbox").map(|address| address.trim_end_matches('/').to_owned());
        service
    }

    /// Runs the program with these arguments to its end.
    pub async fn run(&self, arguments: &[&str]) -> Finished {
        let [stdout, stderr] = [(); 2].map(|()| NamedTempFile::new().expect("a file"));
        let mut command = self.command(arguments);
        command.stdout(stdout.reopen().expect("a handle")).stderr(stderr.reopen().expect("a handle"));
        let status = Process(command.spawn().expect("the program starts")).ended().await;
        Finished { status, stdout: text_of(&stdout), stderr: text_of(&stderr) }
    }
}

fn text_of(file: &NamedTempFile) -> String {
    std::fs::read_to_string(file.path()).expect("text")
}

/// A process, killed when it is dropped.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // One that has ended already is as it should be.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Process {
    async fn ended(&mut self) -> ExitStatus {
        let mut status = None;
        until("the process ends", || {
            status = self.0.try_wait().expect("a state");
            std::future::ready(status.is_some())
        })
        .await;
        status.expect("it ended")
    }
}

/// Whether all of the start page is there.
fn is_complete(page: &str) -> bool {
    page.contains("Try it") || page.contains("WeChat       live") && page.contains("Data folder")
}

/// What stands after that name on the start page, up to the next space.
pub fn listed<'a>(page: &'a str, name: &str) -> Option<&'a str> {
    page.lines()
        .find_map(|line| line.trim().strip_prefix(name))
        .map(|rest| rest.split_whitespace().next().unwrap_or(""))
}

/// Runs blocking code on another thread, with a timeout.
async fn with_timeout<T: Send + 'static>(blocking: impl FnOnce() -> T + Send + 'static) -> T {
    let task = tokio::task::spawn_blocking(blocking);
    tokio::time::timeout(TIMEOUT, task).await.expect("an end within the time that anything may take").expect("no panic")
}

/// Waits until `condition` holds.
pub async fn until<F: Future<Output = bool>>(what: &str, mut condition: impl FnMut() -> F) {
    let wait = async {
        while !condition().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(TIMEOUT, wait).await.unwrap_or_else(|_| panic!("waited in vain until {what}"));
}

/// What a run of the program left.
#[derive(Debug)]
pub struct Finished {
    pub status: ExitStatus,
    pub stdout: String,
    pub stderr: String,
}

/// A running service, killed when it is dropped.
pub struct Service {
    home: Passport,
    process: Process,
    output: Arc<Mutex<(BufReader<ChildStdout>, String)>>,
    log: NamedTempFile,
    /// `http://` and the address, as the start page says.
    pub address: String,
    sandbox: Option<String>,
    pub client: Client,
}

/// Somebody who logged in.
#[derive(Clone, Debug)]
pub struct Person {
    pub token: String,
    pub openid: String,
    pub session_key: String,
    /// As the applet shows it.
    pub applet_id: String,
}

impl Person {
    /// As the operator knows it.
    pub fn id(&self) -> &str {
        self.applet_id.strip_prefix("applet_user_").expect("the applet's form of an id")
    }
}

impl Service {
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.address)).timeout(TIMEOUT)
    }

    /// Sends a request and compares the response with the contract.
    pub async fn send(&self, request: RequestBuilder) -> Response {
        exchange(&self.client, request, false).await.expect("a response")
    }

    pub async fn get(&self, path: &str) -> reqwest::Response {
        self.request(Method::GET, path).send().await.expect("a response")
    }

    pub async fn post(&self, path: &str, body: Value) -> Response {
        self.send(self.request(Method::POST, path).json(&body)).await
    }

    pub fn sandbox_address(&self) -> &str {
        self.sandbox.as_deref().expect("a sandbox")
    }

    pub fn ask_sandbox(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.sandbox_address())).timeout(TIMEOUT)
    }

    async fn tell_sandbox(&self, method: Method, path: &str, body: Value) -> Value {
        let response = self.ask_sandbox(method, path).json(&body).send().await.expect("a response");
        assert_eq!(response.status(), StatusCode::OK, "{path} {body}");
        response.json().await.expect("JSON")
    }

    /// A code for `wxLogin` (`login`) or a phone number (`phone`).
    pub async fn mint(&self, kind: &str, fields: Value) -> String {
        let minted = self.tell_sandbox(Method::POST, &format!("/codes/{kind}"), fields).await;
        minted["code"].as_str().expect("a code").to_owned()
    }

    /// Makes the next `times` calls to a path of WeChat go wrong.
    pub async fn fault(&self, path: &str, kind: &str, value: Value, times: u64) {
        let fault = json!({"path": path, "kind": kind, "value": value, "times": times});
        self.tell_sandbox(Method::PUT, "/faults", fault).await;
    }

    pub async fn clear_faults(&self) {
        self.tell_sandbox(Method::DELETE, "/faults", Value::Null).await;
    }

    /// How many calls have come to a path of WeChat.
    pub async fn calls(&self, path: &str) -> u64 {
        let response =
            self.ask_sandbox(Method::GET, "/calls").query(&[("path", path)]).send().await.expect("a response");
        response.json::<Value>().await.expect("JSON")["count"].as_u64().expect("a count")
    }

    pub async fn log_in(&self, openid: &str) -> Person {
        let code = self.mint("login", json!({"openid": openid})).await;
        self.log_in_with(&code).await
    }

    pub async fn log_in_with(&self, code: &str) -> Person {
        let response = self.post(LOGIN, json!({"code": code})).await;
        assert_eq!(response.verdict(), (200, "登录成功"));
        let text = |pointer: &str| {
            response.body["result"].pointer(pointer).and_then(Value::as_str).expect("a text").to_owned()
        };
        Person {
            token: text("/token"),
            openid: text("/openid"),
            session_key: text("/sessionKey"),
            applet_id: text("/userInfo/id"),
        }
    }

    /// What `checkLogin` says of a token.
    pub async fn check(&self, token: &str) -> Response {
        self.send(self.request(Method::GET, CHECK).query(&[("token", token)])).await
    }

    /// The account, as the operator sees it; `None` when there is none.
    pub async fn user(&self, id: &str) -> Option<Value> {
        let shown = self.home.run(&["user", "show", id]).await;
        shown.status.success().then(|| serde_json::from_str(&shown.stdout).expect("JSON"))
    }

    /// Everything on standard error so far.
    pub fn log(&self) -> String {
        text_of(&self.log)
    }

    /// The start page.
    pub fn page(&self) -> String {
        self.output.lock().expect("the output").1.clone()
    }

    /// Sends a signal, by its name.
    pub async fn signal(&self, name: &str) {
        let command = format!("kill -{name} {}", self.process.0.id());
        let sent = with_timeout(move || Command::new("sh").args(["-c", &command]).status().expect("a shell")).await;
        assert!(sent.success(), "the process should be there");
    }

    pub fn process_id(&self) -> u32 {
        self.process.0.id()
    }

    /// Waits until the process has ended by itself; everything that it said.
    pub async fn ended(mut self) -> Finished {
        let status = self.process.ended().await;
        let output = self.output.clone();
        let stdout = with_timeout(move || {
            let (pipe, text) = &mut *output.lock().expect("the output");
            pipe.read_to_string(text).expect("text");
            text.clone()
        })
        .await;
        Finished { status, stdout, stderr: self.log() }
    }
}
