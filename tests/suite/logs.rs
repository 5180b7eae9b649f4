//! What the log of the built program says, and what it never says.

use std::collections::BTreeMap;

use regex::Regex;
use reqwest::{Method, header::AUTHORIZATION};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::program::{BIND, CHECK, LOGIN, LOGOUT, PHONE, Passport, Person, REFRESH, Service, until};

const INFO: &str = "/applet/login/getUserInfo";
const UPDATE: &str = "/applet/login/updateUserInfo";
const CODE_TO_SESSION: &str = "/sns/jscode2session";
const STABLE_TOKEN: &str = "/cgi-bin/stable_token";
const PHONE_NUMBER: &str = "/wxa/business/getuserphonenumber";

const APPID: &str = "wxCanaryAppid";
const APP_SECRET: &str = "canary-app-secret-0123456789";
const ROOT_SECRET: &str = "canary-root-secret-of-more-than-32-bytes";
const OPENID: &str = "oCanaryOpenidOfSomebody";
const PHONE_DIGITS: &str = "13912345678";

fn verbose(format: &str) -> Passport {
    Passport::new()
        .set("PASSPORT_LOG__LEVEL", "trace")
        .set("PASSPORT_LOG__FORMAT", format)
        .set("PASSPORT_SECRET_KEY", ROOT_SECRET)
        .set("PASSPORT_WECHAT__MINI__APPID", APPID)
        .set("PASSPORT_WECHAT__MINI__SECRET", APP_SECRET)
        .set("PASSPORT_APPLET__REUSE_GRACE", "0s")
}

/// The secrets and personal data that came up, by what they are.
#[derive(Default)]
struct Canaries(BTreeMap<String, &'static str>);

impl Canaries {
    fn add(&mut self, what: &'static str, value: &str) -> String {
        assert!(value.len() >= 8, "{what} is too short to be told from other text");
        self.0.insert(value.to_owned(), what);
        value.to_owned()
    }

    fn person(&mut self, person: &Person) {
        self.add("token", &person.token);
        self.add("session key", &person.session_key);
    }

    /// What of them the text gives away, but for those of these kinds.
    fn leaked_into(&self, text: &str, except: &[&str]) -> Vec<&'static str> {
        let kinds = self.0.iter().filter(|(value, what)| !except.contains(what) && text.contains(value.as_str()));
        kinds.map(|(_, what)| *what).collect()
    }
}

/// Sends a request that fails; no canary may be in the response. Returns its status.
async fn refused(service: &Service, canaries: &Canaries, request: reqwest::RequestBuilder) -> u16 {
    let response = service.send(request).await;
    assert_eq!(response.body["success"], false, "{response:?}");
    let whole = format!("{:?}{}", response.headers, response.text);
    assert_eq!(canaries.leaked_into(&whole, &[]), [""; 0], "{response:?}");
    response.status
}

/// Does everything that can be done, right and wrong, and collects the values that nobody may read afterwards.
async fn do_everything(home: &Passport, service: &Service) -> Canaries {
    let mut canaries = Canaries::default();
    for (what, value) in [
        ("app secret", APP_SECRET),
        ("root secret", ROOT_SECRET),
        ("openid", OPENID),
        ("openid", "oCanaryOpenidOfAnother"),
        ("phone", PHONE_DIGITS),
    ] {
        canaries.add(what, value);
    }
    let post = |path: &str, body: Value| service.request(Method::POST, path).json(&body);
    let form = |path: &str, fields: &[(&str, &str)]| service.request(Method::POST, path).form(fields);
    let get = |path: &str, token: &str| service.request(Method::GET, path).query(&[("token", token)]);

    // Logins: a good code, the same again, a forged one, and bodies of every wrong kind with a code in them.
    let code = canaries.add("code", &service.mint("login", json!({"openid": OPENID})).await);
    let person = service.log_in_with(&code).await;
    canaries.person(&person);
    let forged = canaries.add("code", "canary-forged-code");
    assert_eq!(refused(service, &canaries, post(LOGIN, json!({"code": code}))).await, 400);
    assert_eq!(refused(service, &canaries, form(LOGIN, &[("code", &forged)])).await, 400);
    assert_eq!(refused(service, &canaries, post(LOGIN, json!({"code": [forged]}))).await, 400);
    assert_eq!(refused(service, &canaries, post(LOGIN, json!({"code": format!("{forged}\n")}))).await, 400);
    assert_eq!(refused(service, &canaries, post(LOGIN, json!({"code": forged.repeat(100)}))).await, 400);
    assert_eq!(refused(service, &canaries, post(LOGIN, json!({"code": forged.repeat(10_000)}))).await, 413);
    for kind in ["application/json", "text/plain"] {
        let request = service.request(Method::POST, LOGIN).header("content-type", kind);
        let status = refused(service, &canaries, request.body(format!("{{\"code\":\"{forged}"))).await;
        assert_eq!(status, if kind == "text/plain" { 415 } else { 400 });
    }

    // Phones.
    let code = canaries.add("code", &service.mint("phone", json!({"phone": PHONE_DIGITS})).await);
    let told = service.post(PHONE, json!({"code": code})).await;
    assert_eq!((told.verdict(), told.body["result"].as_str()), ((200, "获取成功"), Some(PHONE_DIGITS)));
    assert_eq!(refused(service, &canaries, post(PHONE, json!({"code": code}))).await, 400);
    let code = canaries.add("code", &service.mint("phone", json!({"phone": PHONE_DIGITS, "openid": OPENID})).await);
    let bound = service.post(BIND, json!({"token": person.token, "phoneCode": code})).await;
    assert_eq!(canaries.leaked_into(&bound.body.to_string(), &[]), [""; 0], "{bound:?}");
    assert_eq!(bound.verdict(), (200, "绑定成功"));
    let another = service.log_in("oCanaryOpenidOfAnother").await;
    canaries.person(&another);
    let code = canaries.add("code", &service.mint("phone", json!({"phone": PHONE_DIGITS})).await);
    let taken = form(BIND, &[("token", &another.token), ("phoneCode", &code)]);
    assert_eq!(refused(service, &canaries, taken).await, 400);

    // Tokens, in the query, in the header and in bodies; good, changed, and of no kind at all.
    let changed = canaries.add("token", &format!("{}x", person.token));
    let nonsense = canaries.add("token", "canary-token-of-no-kind");
    for path in [CHECK, INFO] {
        let seen = service.send(get(path, &person.token)).await;
        let belongs = ["openid", "phone"];
        assert_eq!(canaries.leaked_into(&seen.body.to_string(), &belongs), [""; 0], "{seen:?}");
        assert_eq!(seen.status, 200);
        for token in [&changed, &nonsense] {
            assert_eq!(refused(service, &canaries, get(path, token)).await, 401);
            let bearer = service.request(Method::GET, path).header(AUTHORIZATION, format!("Bearer {token}"));
            assert_eq!(refused(service, &canaries, bearer).await, 401);
        }
        let bearer = service.request(Method::GET, path).header(AUTHORIZATION, format!("Bearer {}", person.token));
        assert_eq!(service.send(bearer).await.status, 200);
    }
    for path in [REFRESH, LOGOUT] {
        for token in [&changed, &nonsense] {
            assert_eq!(refused(service, &canaries, post(path, json!({"token": token}))).await, 401);
            assert_eq!(refused(service, &canaries, form(path, &[("token", token)])).await, 401);
        }
        assert_eq!(refused(service, &canaries, post(path, json!({"token": {"is": nonsense}}))).await, 400);
    }
    assert_eq!(refused(service, &canaries, get(LOGOUT, &person.token)).await, 405);

    // Profiles.
    let name = canaries.add("name", "canaryname");
    let update = |info: Value| post(UPDATE, json!({"token": person.token, "userInfo": info}));
    let updated = service.send(update(json!({"name": name}))).await;
    assert_eq!(updated.verdict(), (200, "更新成功"));
    for info in [
        json!({"avatar": format!("javascript:{name}")}),
        json!({"bmi": name}),
        json!({"name": format!("{name}\n")}),
        json!([name]),
        json!(name),
    ] {
        assert_eq!(refused(service, &canaries, update(info)).await, 400);
    }

    // WeChat fails, with secrets in its URL and in its response.
    for path in [CODE_TO_SESSION, PHONE_NUMBER, STABLE_TOKEN] {
        for (kind, value) in [
            ("drop", Value::Null),
            ("status", json!(500)),
            ("errcode", json!(40013)),
            ("errcode", json!(45009)),
            (
                "body",
                json!(format!(
                    "{{\"openid\":\"{OPENID}\",\"session_key\":\"{nonsense}\",\"phone_info\":\"{PHONE_DIGITS}"
                )),
            ),
            (
                "body",
                json!(format!(
                    "{{\"openid\":[\"{OPENID}\"],\"access_token\":[\"{nonsense}\"],\"phone_info\":{{\"purePhoneNumber\":[\"{PHONE_DIGITS}\"]}}}}"
                )),
            ),
        ] {
            if path == STABLE_TOKEN {
                service.fault(PHONE_NUMBER, "errcode", json!(40001), 1).await;
            }
            service.fault(path, kind, value, 100).await;
            let status = match path {
                CODE_TO_SESSION => refused(service, &canaries, post(LOGIN, json!({"code": forged}))).await,
                _ => refused(service, &canaries, post(PHONE, json!({"code": forged}))).await,
            };
            assert_eq!(status, 503, "{path} {kind}");
            service.clear_faults().await;
        }
    }
    let question = json!({"grant_type": "client_credential", "appid": APPID, "secret": APP_SECRET});
    let kept = service.ask_sandbox(Method::POST, STABLE_TOKEN).json(&question).send().await.expect("a response");
    let kept: Value = kept.json().await.expect("JSON");
    canaries.add("access token", kept["access_token"].as_str().expect("an access token"));

    // Paths that nobody knows, with what should not be in a path.
    for path in ["/applet/login/", "/applet/login/wxLogin/", "/", "/docs/"] {
        let request = service.request(Method::GET, &format!("{path}{nonsense}?token={nonsense}"));
        assert_eq!(refused(service, &canaries, request).await, 404);
    }

    // Sessions and their ends.
    let refreshed = service.post(REFRESH, json!({"token": another.token})).await;
    assert_eq!(refreshed.verdict(), (200, "刷新成功"));
    let newest = canaries.add("token", refreshed.body["result"].as_str().expect("a token"));
    until("the grace for a lost answer is over", async || {
        service.post(REFRESH, json!({"token": another.token})).await.verdict() == (401, "token无效")
    })
    .await;
    assert_eq!(refused(service, &canaries, get(CHECK, &newest)).await, 401);
    assert_eq!(service.post(LOGOUT, json!({"token": person.token})).await.verdict(), (200, "退出成功"));

    // A member of the mall, right and wrong, and what came with it.
    let mobile = canaries.add("phone", "18026740326");
    let password = canaries.add("password", "canary-password-42");
    let mall = async |path: &str, fields: Value| -> Value { service.send(post(path, fields)).await.body };
    let sent = mall("/users/send_sms", json!({"username": mobile, "type": "register"})).await;
    assert_eq!(sent["code"], 1, "{sent}");
    let messages = service.ask_sandbox(Method::GET, &format!("/sms?mobile={mobile}")).send().await.expect("messages");
    let code = messages.json::<Value>().await.expect("JSON")[0]["code"].clone();
    let form = json!({"username": mobile, "password": password, "code": code});
    let member = mall("/users/register", form.clone()).await;
    let token = canaries.add("token", member["data"]["token"].as_str().expect("a token"));
    assert_eq!(mall("/users/forget", form).await["code"], 0);
    assert_eq!(mall("/users/login", json!({"username": mobile, "password": password})).await["code"], 1);
    assert_eq!(mall("/users/login", json!({"username": password, "password": mobile})).await["code"], 0);
    assert_eq!(mall("/users/login", json!({"username": mobile, "password": [password]})).await["code"], 0);
    let resume = service.request(Method::POST, "/users/autologin").header("auth-token", &token).json(&json!({}));
    assert_eq!(service.send(resume).await.body["code"], 1000);
    let authorize = service.send(service.request(Method::GET, "/wechat.auth/login")).await;
    let state = canaries.add("state", authorize.body["data"]["state"].as_str().expect("a state"));
    let forged = json!({"source": 1, "code": forged, "state": state});
    assert_eq!(mall("/wechat.auth/login", forged).await["code"], 0);

    // The operator, and a database that is not what it should be.
    let last = service.log_in(OPENID).await;
    canaries.person(&last);
    for (action, status) in [("disable", 403), ("enable", 401), ("logout", 401), ("delete", 404)] {
        let finished = home.run(&["user", action, last.id()]).await;
        assert!(finished.status.success());
        assert_eq!(canaries.leaked_into(&finished.stderr, &[]), [""; 0], "{finished:?}");
        assert_eq!(refused(service, &canaries, get(CHECK, &last.token)).await, status, "{action}");
    }
    let last = service.log_in(OPENID).await;
    canaries.person(&last);
    let database = home.database().await;
    for table in ["tokens", "identities"] {
        let rename = format!("ALTER TABLE {table} RENAME TO lost_{table}");
        database.execute_unprepared(&rename).await.expect("a write beside the service");
    }
    let code = canaries.add("code", &service.mint("login", json!({"openid": OPENID})).await);
    assert_eq!(refused(service, &canaries, get(CHECK, &last.token)).await, 500);
    assert_eq!(refused(service, &canaries, post(LOGIN, json!({"code": code}))).await, 500);
    canaries
}

#[tokio::test]
async fn nothing_secret_and_nobodys_name_is_in_the_log_at_any_level_nor_in_an_answer_where_it_does_not_belong() {
    for format in ["text", "json"] {
        let home = verbose(format);
        let service = home.start().await;
        let canaries = do_everything(&home, &service).await;

        service.signal("TERM").await;
        let finished = service.ended().await;

        let kinds: std::collections::BTreeSet<_> = canaries.0.values().collect();
        assert_eq!(kinds.len(), 11, "{kinds:?}");
        assert!(finished.stderr.lines().count() > 80, "the log was on");
        for output in [&finished.stdout, &finished.stderr] {
            for line in output.lines() {
                assert_eq!(canaries.leaked_into(line, &[]), [""; 0], "{line}");
            }
        }
        assert!(finished.stderr.contains("139****5678") && finished.stderr.contains("oCa****ody"), "masked instead");
        match format {
            "json" => assert!(finished.stderr.lines().all(|line| serde_json::from_str::<Value>(line).is_ok())),
            _ => assert_each_line_is_a_line_of_its_own(&finished.stderr),
        }
    }
}

#[tokio::test]
async fn a_wechat_that_hangs_up_or_is_not_there_is_reported_without_the_address_that_holds_the_secret() {
    // One port that refuses, and one that takes a connection only to close it.
    let refusing = tokio::net::TcpSocket::new_v4().expect("a socket");
    refusing.bind("127.0.0.1:0".parse().expect("an address")).expect("a free port");
    let closing = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let addresses = [refusing.local_addr(), closing.local_addr()].map(|address| address.expect("an address"));
    tokio::spawn(async move { while closing.accept().await.is_ok() {} });
    for address in addresses {
        let service = verbose("text").set("PASSPORT_WECHAT__API_BASE", format!("http://{address}")).start().await;
        let mut canaries = Canaries::default();
        canaries.add("app secret", APP_SECRET);
        let code = canaries.add("code", "canary-login-code");
        let request = service.request(Method::POST, LOGIN).json(&json!({"code": code}));

        assert_eq!(refused(&service, &canaries, request).await, 503);

        let log = service.log();
        assert!(log.contains("jscode2session"), "the outage is reported: {log}");
        assert_eq!(canaries.leaked_into(&log, &[]), [""; 0], "{log}");
    }
}

/// Every line begins as the program begins lines: with the time and the level.
fn assert_each_line_is_a_line_of_its_own(log: &str) {
    let start =
        Regex::new(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z +(ERROR|WARN|INFO|DEBUG|TRACE) ").expect("a pattern");
    for line in log.lines() {
        assert!(start.is_match(line), "{line}");
        assert!(!line.chars().any(char::is_control), "{line:?}");
    }
}

/// The lines of a JSON log with that target.
fn lines_of(log: &str, target: &str) -> Vec<Value> {
    let lines = log.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    lines.filter(|line| line["target"] == target).collect()
}

#[tokio::test]
async fn every_request_is_one_line_with_method_route_status_code_time_and_id() {
    let service = Passport::new().set("PASSPORT_LOG__FORMAT", "json").start().await;
    let person = service.log_in("oSomebody").await;
    let token = [("token", person.token.as_str())];
    let known = [
        (service.request(Method::POST, LOGIN).json(&json!({"code": "wx_login_code_here"})), LOGIN, 200),
        (service.request(Method::POST, LOGIN).json(&json!({})), LOGIN, 400),
        (service.request(Method::POST, LOGIN).body("x"), LOGIN, 415),
        (service.request(Method::POST, LOGIN).body("x".repeat(70_000)), LOGIN, 413),
        (service.request(Method::GET, LOGIN), LOGIN, 405),
        (service.request(Method::GET, CHECK).query(&token), CHECK, 200),
        (service.request(Method::GET, CHECK).query(&[("token", "x")]), CHECK, 401),
        (service.request(Method::GET, INFO).query(&token), INFO, 200),
        (service.request(Method::GET, "/applet/login/nothing"), "unknown", 404),
        (service.request(Method::GET, "/nothing"), "unknown", 404),
        (service.request(Method::DELETE, "/"), "unknown", 404),
    ];
    let plain = [
        (service.request(Method::GET, "/healthz"), "/healthz", 200),
        (service.request(Method::GET, "/docs"), "/docs", 200),
        (service.request(Method::HEAD, "/openapi.json"), "/openapi.json", 200),
    ];
    let known = known.map(|(request, route, status)| (request, route, status, json!(status)));
    let plain = plain.map(|(request, route, status)| (request, route, status, Value::Null));

    for (number, (request, route, status, code)) in known.into_iter().chain(plain).enumerate() {
        let id = format!("request-{number}");
        let request = request.header("x-request-id", &id).build().expect("a request");
        let method = request.method().to_string();
        let response = service.client.execute(request).await.expect("a response");
        assert_eq!(response.headers()["x-request-id"], id.as_str());

        let log = service.log();
        let lines: Vec<Value> =
            lines_of(&log, "passport::request").into_iter().filter(|line| line["span"]["id"] == id.as_str()).collect();
        let [line] = &lines[..] else { panic!("{method} {route}: {lines:?}") };
        assert_eq!(
            (&line["method"], &line["route"], &line["status"], &line["code"], &line["address"]),
            (&json!(method), &json!(route), &json!(status), &code, &json!("127.0.0.1")),
        );
        assert!(line["ms"].as_f64().is_some_and(|ms| (0.0..60_000.0).contains(&ms)), "{line}");
    }
}

#[tokio::test]
async fn a_request_without_a_decent_id_gets_one() {
    let service = Passport::new().start().await;
    let ours = Regex::new("^[0-9a-f]{16}$").expect("a pattern");
    let long = "a".repeat(65);
    for id in [None, Some(""), Some("two words"), Some("a\tb"), Some("id=\"x\"}: FORGED"), Some("中文"), Some(&long)]
    {
        let mut request = service.request(Method::GET, "/healthz");
        if let Some(id) = id {
            request = request.header("x-request-id", id.as_bytes());
        }
        let response = request.send().await.expect("a response");
        let made = response.headers()["x-request-id"].to_str().expect("text");
        assert!(ours.is_match(made), "{id:?} became {made}");
        assert!(service.log().contains(made));
        if let Some(id) = id.filter(|id| !id.is_empty()) {
            assert!(!service.log().contains(id), "{id}");
        }
    }
    let longest = "A-z_9.".repeat(10) + "four";
    let response = service.request(Method::GET, "/healthz").header("x-request-id", &longest).send().await;
    assert_eq!(response.expect("a response").headers()["x-request-id"], longest.as_str());
}

#[tokio::test]
async fn line_breaks_in_what_comes_in_forge_no_line() {
    const FORGED: &str = "\n2026-01-01T00:00:00.000000Z  INFO passport::security: FORGED\r\n";
    for format in ["text", "json"] {
        let service = Passport::new()
            .set("PASSPORT_LOG__FORMAT", format)
            .set("PASSPORT_LOG__LEVEL", "trace")
            .set("PASSPORT_TRUSTED_PROXIES", "127.0.0.1")
            .start()
            .await;
        let person = service.log_in("oSomebody").await;
        let encoded = "%0A%0D2026-01-01T00:00:00.000000Z%20%20INFO%20FORGED%0A";
        let unicode = "\u{2028}FORGED\u{85}";
        let info = |name: &str| json!({"token": person.token, "userInfo": {"name": name}});
        let requests = [
            service.request(Method::POST, LOGIN).json(&json!({"code": FORGED})),
            service.request(Method::POST, LOGIN).form(&[("code", FORGED)]),
            service.request(Method::POST, UPDATE).json(&info(FORGED)),
            service.request(Method::POST, UPDATE).json(&info(unicode)),
            service.request(Method::POST, REFRESH).json(&json!({"token": FORGED})),
            service.request(Method::GET, CHECK).query(&[("token", FORGED)]),
            service.request(Method::GET, &format!("{CHECK}{encoded}")),
            service.request(Method::GET, &format!("/{encoded}?{encoded}={encoded}")),
            service.request(Method::GET, "/healthz").header("x-forwarded-for", "203.0.113.7\tFORGED"),
            service.request(Method::GET, "/healthz").header("x-forwarded-for", unicode.as_bytes()),
            service.request(Method::GET, "/healthz").header("user-agent", "FORGED"),
            service.request(Method::from_bytes(b"FORGED").expect("a method"), LOGIN),
        ];
        let before = service.log().lines().count();
        let sent = requests.len();
        for request in requests {
            request.send().await.expect("a response");
        }

        let log = service.log();
        assert!(log.lines().count() >= before + sent, "each is there with a line");
        let forged: Vec<&str> = log.lines().filter(|line| line.contains("FORGED")).collect();
        assert_eq!(forged, [""; 0]);
        match format {
            "json" => assert!(log.lines().all(|line| serde_json::from_str::<Value>(line).is_ok())),
            _ => assert_each_line_is_a_line_of_its_own(&log),
        }
    }
}

#[tokio::test]
async fn a_forwarded_address_is_the_callers_behind_a_listed_proxy_and_a_warning_from_anybody_else() {
    let json = |home: Passport| home.set("PASSPORT_LOG__FORMAT", "json");
    let (direct, proxied) = tokio::join!(async { json(Passport::new()).start().await }, async {
        json(Passport::new().set("PASSPORT_TRUSTED_PROXIES", "127.0.0.0/8")).start().await
    },);
    for (service, address, warnings) in [(direct, "127.0.0.1", 1), (proxied, "203.0.113.7", 0)] {
        let request = service.request(Method::GET, "/healthz").header("x-forwarded-for", "1.1.1.1, 203.0.113.7");
        request.send().await.expect("a response");

        let log = service.log();
        let lines = lines_of(&log, "passport::request");
        assert_eq!(lines.iter().map(|line| &line["address"]).collect::<Vec<_>>(), [address]);
        let warned = |line: &&str| line.contains("\"WARN\"") && line.contains("X-Forwarded-For");
        assert_eq!(log.lines().filter(warned).count(), warnings, "{log}");
        assert!(!log.contains("1.1.1.1"), "hearsay is not repeated: {log}");
    }
}

#[tokio::test]
async fn security_events_are_in_the_log_of_the_service_and_those_of_a_command_on_its_own_standard_error() {
    let home = Passport::new().set("PASSPORT_LOG__FORMAT", "json");
    let service = home.start().await;
    let person = service.log_in(OPENID).await;
    let command = home.run(&["user", "disable", person.id()]).await;

    for (log, event) in [(service.log(), "login"), (command.stderr, "disable")] {
        let events = lines_of(&log, "passport::security");
        let [line] = &events[..] else { panic!("one event was expected: {log}") };
        assert_eq!((&line["event"], &line["level"]), (&json!(event), &json!("INFO")));
        assert!(line["timestamp"].is_string(), "{line}");
    }
}
