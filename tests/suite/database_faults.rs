//! The database goes away, the service is killed, the disk is full: acknowledged writes survive, no partial writes
//! remain, and clients get 503.

use std::{
    os::unix::fs::PermissionsExt,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use entity::{identity, session, token, user};
use reqwest::{Method, StatusCode};
use sea_orm::{ConnectionTrait, DatabaseConnection, EntityTrait};
use serde_json::{Value, json};

use crate::{
    database_server::{DatabaseServer, is_root},
    engine::Engine,
    program::{LOGIN, Passport, REFRESH, Service, until},
    service::{Response, exchange},
};

/// The longest time to a response: the deadlines of the service, and some scheduling delay.
const DEADLINE: Duration = Duration::from_secs(12);

const PASSWORD: &str = "correct horse 42";
const REGISTER: &str = "/users/register";

/// What the service has acknowledged.
#[derive(Default)]
struct Acknowledged {
    /// Openid, applet id and newest token; no token when the response to the last refresh was lost.
    visitors: Vec<(String, String, Option<String>)>,
    /// Number and token.
    members: Vec<(String, String)>,
}

/// Clients who log in, refresh and register until they are told to stop.
struct Load {
    known: Arc<Mutex<Acknowledged>>,
    refusals: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
    clients: Vec<tokio::task::JoinHandle<()>>,
}

impl Load {
    /// `round` keeps the names apart.
    fn start(service: &Arc<Service>, round: usize) -> Self {
        let known = Arc::<Mutex<Acknowledged>>::default();
        let (refusals, stop) = (Arc::<AtomicUsize>::default(), Arc::<AtomicBool>::default());
        let mut clients = Vec::new();
        for client in 0..4 {
            let (service, known) = (Arc::clone(service), Arc::clone(&known));
            let (refusals, stop) = (Arc::clone(&refusals), Arc::clone(&stop));
            clients.push(tokio::spawn(async move {
                let mut number = 0;
                while !stop.load(Ordering::Relaxed) {
                    let name = format!("{round}{client}{number:04}");
                    let went_well = match client {
                        0 => register(&service, &known, &format!("13{:0>9}", name)).await,
                        _ => visit(&service, &known, &format!("wx_{name}")).await,
                    };
                    if !went_well {
                        refusals.fetch_add(1, Ordering::Relaxed);
                    }
                    number += 1;
                }
            }));
        }
        Self { known, refusals, stop, clients }
    }

    fn acknowledged(&self) -> usize {
        let known = self.known.lock().expect("whole");
        // Registrations are slower; wait until there is one.
        if known.members.is_empty() { 0 } else { known.visitors.len() + known.members.len() }
    }

    fn visitors(&self) -> usize {
        self.known.lock().expect("whole").visitors.len()
    }

    async fn more(&self, count: usize) {
        let target = self.acknowledged() + count;
        until("clients are served", async || self.acknowledged() >= target).await;
    }

    async fn end(self) -> Acknowledged {
        self.stop.store(true, Ordering::Relaxed);
        for client in self.clients {
            client.await.expect("no client was told anything wrong");
        }
        Arc::into_inner(self.known).expect("nobody else has it").into_inner().expect("whole")
    }
}

/// The response, or `None` when the service is gone.
async fn ask(service: &Service, path: &str, body: Value) -> Option<Response> {
    let asked = Instant::now();
    let request = service.request(Method::POST, path).json(&body);
    let response = exchange(&service.client, request, false).await.ok()?;
    assert!(asked.elapsed() < DEADLINE, "{path} took {:?}: {response:?}", asked.elapsed());
    Some(response)
}

/// The body of a success. A failure must be a 503 in the envelope with Retry-After.
async fn served(service: &Service, path: &str, body: Value) -> Option<Value> {
    let response = ask(service, path, body).await?;
    let applet = path.starts_with("/applet");
    if response.status == 200 {
        let code = if applet { 200 } else { 1 };
        assert_eq!(response.body["code"], code, "{path}: {response:?}");
        return Some(response.body);
    }
    unavailable(&response, applet);
    None
}

#[track_caller]
fn unavailable(response: &Response, applet: bool) {
    let words = "服务暂时不可用,请稍后再试";
    let body = if applet {
        json!({"success": false, "message": words, "code": 503, "result": null})
    } else {
        json!({"code": 0, "msg": words})
    };
    assert_eq!((response.status, &response.body), (503, &body), "{response:?}");
}

/// A first login and a refresh.
async fn visit(service: &Service, known: &Mutex<Acknowledged>, openid: &str) -> bool {
    // The sandbox goes with the service.
    let minted = service.ask_sandbox(Method::POST, "/codes/login").json(&json!({"openid": openid})).send().await;
    let Ok(minted) = minted else { return false };
    let Ok(minted) = minted.json::<Value>().await else { return false };
    let Some(body) = served(service, LOGIN, json!({"code": minted["code"]})).await else { return false };
    let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).expect("a text").to_owned();
    let (id, token) = (text("/result/userInfo/id"), text("/result/token"));
    let refreshed = served(service, REFRESH, json!({"token": token})).await;
    let newest = refreshed.map(|body| body["result"].as_str().expect("a token").to_owned());
    let went_well = newest.is_some();
    known.lock().expect("whole").visitors.push((openid.to_owned(), id, newest));
    went_well
}

async fn register(service: &Service, known: &Mutex<Acknowledged>, mobile: &str) -> bool {
    let fields = json!({"username": mobile, "type": "register"});
    if served(service, "/users/send_sms", fields).await.is_none() {
        return false;
    }
    let outbox = service.ask_sandbox(Method::GET, "/sms").query(&[("mobile", mobile)]).send().await;
    let Ok(outbox) = outbox else { return false };
    let Ok(outbox) = outbox.json::<Value>().await else { return false };
    let fields = json!({"username": mobile, "password": PASSWORD, "code": outbox[0]["code"]});
    let Some(body) = served(service, REGISTER, fields).await else { return false };
    let token = body["data"]["token"].as_str().expect("a token").to_owned();
    known.lock().expect("whole").members.push((mobile.to_owned(), token));
    true
}

/// Everything that was acknowledged is there, and goes on.
async fn keeps_its_word(service: &Service, known: &Acknowledged) {
    for (openid, id, token) in &known.visitors {
        if let Some(token) = token {
            assert_eq!(service.check(token).await.verdict(), (200, "登录有效"), "{openid}");
        }
        assert_eq!(service.log_in(openid).await.applet_id, *id);
    }
    for (mobile, token) in &known.members {
        let request = service.request(Method::POST, "/users/autologin").header("auth-token", token);
        let response = service.send(request.json(&json!({}))).await;
        assert_eq!(
            (&response.body["code"], &response.body["data"]["mobile"]),
            (&json!(1000), &json!(mobile)),
            "{response:?}"
        );
    }
}

/// No partial writes: a user has an identity or a phone, an identity and a session have a user, a session has a token
/// and exactly one that is not replaced.
async fn is_complete(database: &DatabaseConnection) {
    let users = user::Entity::find().all(database).await.expect("rows");
    let identities = identity::Entity::find().all(database).await.expect("rows");
    let sessions = session::Entity::find().all(database).await.expect("rows");
    let tokens = token::Entity::find().all(database).await.expect("rows");
    for user in &users {
        let is_somebody = user.phone.is_some() || identities.iter().any(|identity| identity.user_id == user.id);
        assert!(is_somebody, "{user:?}");
        assert!(sessions.iter().any(|session| session.user_id == user.id), "who never logged in: {user:?}");
    }
    let is_user = |id| users.iter().any(|user| user.id == id);
    assert!(identities.iter().all(|identity| is_user(identity.user_id)));
    for session in &sessions {
        assert!(is_user(session.user_id), "{session:?}");
        let newest = tokens.iter().filter(|token| token.session_id == session.id && token.replaced_at.is_none());
        assert_eq!(newest.count(), 1, "{session:?}");
    }
    assert!(tokens.iter().all(|token| sessions.iter().any(|session| session.id == token.session_id)));
}

/// Cheap hashes, and no limit on messages.
fn home() -> Passport {
    Passport::new()
        .set("PASSPORT_PASSWORD__MEMORY", "64")
        .set("PASSPORT_PASSWORD__ITERATIONS", "1")
        .set("PASSPORT_MALL__LIMITS__SMS_CALLS__MAX", "100000")
        .set("PASSPORT_MALL__LIMITS__SMS_BUDGET__MAX", "100000")
}

async fn readiness(service: &Service) -> (StatusCode, Value) {
    let response = service.get("/readyz").await;
    (response.status(), response.json().await.expect("JSON"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_killed_under_load_costs_answers_but_no_acknowledged_write() {
    if Engine::current() == Engine::Sqlite {
        return;
    }
    let mut server = DatabaseServer::start(Engine::current()).await;
    let service = Arc::new(home().set("PASSPORT_DATABASE_URL", server.url()).start().await);
    let load = Load::start(&service, 0);
    for _ in 0..2 {
        load.more(20).await;
        let refusals = load.refusals.load(Ordering::Relaxed);

        server.kill();

        // A backend of PostgreSQL may outlive its server for a moment and serve one more query.
        until("/readyz says so", async || {
            let asked = Instant::now();
            let (status, body) = readiness(&service).await;
            assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
            (status, &body["status"]) == (StatusCode::SERVICE_UNAVAILABLE, &json!("unavailable"))
        })
        .await;
        // One for each client, so that each has seen the outage.
        until("clients are refused", async || load.refusals.load(Ordering::Relaxed) >= refusals + 4).await;

        server.resume().await;

        until("the service is ready again", async || readiness(&service).await.0 == StatusCode::OK).await;
    }
    load.more(20).await;

    let known = load.end().await;
    keeps_its_word(&service, &known).await;
    is_complete(&server.database().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_that_is_killed_over_and_over_keeps_its_word_and_leaves_nobody_half_made() {
    let home = home();
    let mut rounds = Vec::new();
    for round in 0..6 {
        let service = Arc::new(home.start().await);
        let load = Load::start(&service, round);
        load.more(15 + round).await;

        service.signal("KILL").await;

        rounds.push(load.end().await);
        let service = home.start().await;
        keeps_its_word(&service, &rounds[round]).await;
        // Clients without a response can retry everything.
        for client in 1..4 {
            let attempts = (0..40).map(|number| format!("wx_{round}{client}{number:04}"));
            for openid in attempts.take(rounds[round].visitors.len().min(40)) {
                service.log_in(&openid).await;
            }
        }
    }
    let service = home.start().await;
    for known in &rounds {
        keeps_its_word(&service, known).await;
    }
    is_complete(&home.database().await).await;
}

/// Whether the embedded database's file is sound.
async fn integrity(home: &Passport) -> String {
    let database = home.database().await;
    let row = database
        .query_one_raw(sea_orm::Statement::from_string(database.get_database_backend(), "PRAGMA integrity_check"));
    row.await.expect("a response").expect("a row").try_get_by_index(0).expect("a text")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_503_until_there_is_space_again_and_corrupts_nothing() {
    if Engine::current() != Engine::Sqlite {
        return;
    }
    // No file may grow beyond that, and a write beyond it fails, as on a disk that is full.
    let stage = r#"trap "" XFSZ; ulimit -S -f 6000; exec "$0" "$@""#;
    // A request that finds no usable connection need not look for long.
    let home = home().set("PASSPORT_DATABASE__ACQUIRE_TIMEOUT", "1s").started_by(&["sh", "-c", stage]);
    let service = Arc::new(home.start().await);
    let load = Load::start(&service, 0);
    // A registration may come too late for the little space there is.
    until("visitors are served", async || load.visitors() >= 5).await;

    until("the disk is full", async || load.refusals.load(Ordering::Relaxed) >= 8).await;
    let before = load.acknowledged();
    assert_eq!(integrity(&home).await, "ok");

    let status = std::process::Command::new("prlimit")
        .args([format!("--pid={}", service.process_id()), "--fsize=unlimited:".to_owned()])
        .status();
    assert!(status.expect("prlimit").success());

    until("clients are served", async || load.acknowledged() >= before + 20).await;
    let known = load.end().await;
    keeps_its_word(&service, &known).await;
    assert_eq!(integrity(&home).await, "ok");
    is_complete(&home.database().await).await;
}

#[tokio::test]
async fn a_read_only_database_can_be_read_and_refuses_writes_with_503() {
    if Engine::current() != Engine::Sqlite {
        return;
    }
    let writable = home();
    let service = writable.start().await;
    let alice = service.log_in("wx_alice").await;
    service.signal("TERM").await;
    service.ended().await;
    let (folder, file) = (writable.path("data"), writable.path("data/passport.db"));
    let permit = |path: &std::path::Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("it is ours");
    };
    permit(&file, 0o444);
    let read_only = match is_root() {
        // Root ignores file permissions unless it drops the capability.
        true => writable.clone().started_by(&["setpriv", "--inh-caps=-all", "--bounding-set=-all", "--"]),
        false => writable.clone(),
    };

    let service = read_only.start().await;
    let code = service.mint("login", json!({"openid": "wx_bob"})).await;
    let refused = service.post(LOGIN, json!({"code": code})).await;

    unavailable(&refused, true);
    assert_eq!(service.check(&alice.token).await.verdict(), (200, "登录有效"));
    drop(service);

    // Where not even the files beside it can be made, there is nothing to serve.
    for second_instance in ["data/passport.db-wal", "data/passport.db-shm"] {
        let _ = std::fs::remove_file(writable.path(second_instance));
    }
    permit(&folder, 0o555);
    let ended = read_only.run(&[]).await;
    permit(&folder, 0o755);
    permit(&file, 0o644);
    assert!(!ended.status.success(), "{ended:?}");
    assert!(ended.stderr.lines().count() == 1 && ended.stderr.contains("readonly database"), "{ended:?}");

    assert_eq!(integrity(&writable).await, "ok");
    let service = writable.start().await;
    assert_eq!(service.check(&alice.token).await.verdict(), (200, "登录有效"));
    service.log_in("wx_bob").await;
}
