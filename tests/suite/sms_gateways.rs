//! The SMS gateways' client, against a server that plays Aliyun and Tencent Cloud over real HTTP, and against the
//! sandbox.

mod signatures;

use std::time::Duration;

use futures_util::future::join_all;
use passport::{
    types::{Clock, Phone, Random, Secret},
    upstream::sms::{
        AliyunSettings, GatewayKind, Settings, SmsError, SmsGateway, SmsMessage, TemplateSettings, TencentSettings,
    },
};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::{net::TcpSocket, time::timeout};

use crate::{
    captured_log::CapturedLog,
    fake_upstream::{FakeUpstream, Reply, Request},
    sandbox::{START, SandboxServer, json_of},
};

const KEY_ID: &str = "key-id";
const SECRET: &str = "canary-secret";
const CODE: &str = "271828";
const NUMBER: &str = "13800138000";
const MASKED: &str = "138****8000";

/// 2026-11-05T08:00:00Z.
const NOW: i64 = 1_793_865_600;

const SHORT_DEADLINE: Duration = Duration::from_millis(500);

const CLOUDS: [GatewayKind; 2] = [GatewayKind::Aliyun, GatewayKind::Tencent];

fn settings(gateway: GatewayKind, api_base: impl ToString) -> Settings {
    let templates = || TemplateSettings {
        register: "T_REGISTER".to_owned(),
        password: "T_PASSWORD".to_owned(),
        already_registered: "T_ALREADY".to_owned(),
        not_registered: "T_NOT".to_owned(),
    };
    Settings {
        gateway,
        api_base: api_base.to_string(),
        // Long, so that tests which do not need it cannot fail by it on a busy machine.
        deadline: Duration::from_secs(30),
        connect_timeout: Duration::from_secs(5),
        max_concurrency: 8,
        aliyun: AliyunSettings {
            access_key_id: KEY_ID.to_owned(),
            access_key_secret: Secret::new(SECRET),
            access_key_secret_file: String::new(),
            sign_name: "沃生 优购*".to_owned(),
            templates: templates(),
        },
        tencent: TencentSettings {
            secret_id: KEY_ID.to_owned(),
            secret_key: Secret::new(SECRET),
            secret_key_file: String::new(),
            sdk_app_id: "1400000001".to_owned(),
            sign_name: "沃生 优购*".to_owned(),
            region: "ap-guangzhou".to_owned(),
            templates: templates(),
        },
    }
}

fn gateway_with(settings: &Settings) -> SmsGateway {
    SmsGateway::new(settings, Clock::from_fn(|| NOW), Random::seeded(1)).expect("a gateway")
}

fn gateway(kind: GatewayKind, fake: &FakeUpstream) -> SmsGateway {
    gateway_with(&settings(kind, fake.base()))
}

fn hurried(kind: GatewayKind, fake: &FakeUpstream) -> SmsGateway {
    gateway_with(&Settings { deadline: SHORT_DEADLINE, ..settings(kind, fake.base()) })
}

fn phone() -> Phone {
    Phone::mainland(NUMBER).expect("a number")
}

fn register_code() -> SmsMessage {
    SmsMessage::RegisterCode(Secret::new(CODE))
}

fn password_code() -> SmsMessage {
    SmsMessage::PasswordCode(Secret::new(CODE))
}

/// The gateway's answer about one message.
fn response(kind: GatewayKind, code: &str) -> Reply {
    Reply::Document(match kind {
        GatewayKind::Sandbox => json!({ "code": code }).to_string(),
        GatewayKind::Aliyun => json!({ "Code": code, "Message": "...", "RequestId": "1" }).to_string(),
        GatewayKind::Tencent => {
            json!({ "Response": { "SendStatusSet": [{ "Code": code, "Message": "..." }], "RequestId": "1" } })
                .to_string()
        }
    })
}

fn taken(kind: GatewayKind) -> Reply {
    response(kind, if kind == GatewayKind::Tencent { "Ok" } else { "OK" })
}

/// A refusal of the whole request, with the status that the cloud gives it.
fn signature_refused(kind: GatewayKind) -> (Reply, &'static str) {
    match kind {
        GatewayKind::Tencent => {
            let error = json!({ "Response": { "Error": { "Code": "AuthFailure.SignatureFailure" } } });
            (Reply::Document(error.to_string()), "sms.tencent.secret_key")
        }
        _ => {
            let error = json!({ "Code": "SignatureDoesNotMatch", "Message": "..." });
            (Reply::StatusWith(400, error.to_string()), "sms.aliyun.access_key_secret")
        }
    }
}

async fn only_request(kind: GatewayKind, message: &SmsMessage) -> Request {
    let fake = FakeUpstream::start().await;
    fake.responses("/", [taken(kind)]);
    assert_eq!(gateway(kind, &fake).send(&phone(), message).await, Ok(()));
    let mut requests = fake.requests("/");
    assert_eq!(requests.len(), 1);
    requests.remove(0)
}

#[tokio::test]
async fn aliyun_gets_the_number_the_template_and_the_code_under_a_right_signature() {
    for (message, template, variables) in [
        (register_code(), "T_REGISTER", Some(json!({ "code": CODE }))),
        (password_code(), "T_PASSWORD", Some(json!({ "code": CODE }))),
        (SmsMessage::AlreadyRegistered, "T_ALREADY", None),
        (SmsMessage::NotRegistered, "T_NOT", None),
    ] {
        let request = only_request(GatewayKind::Aliyun, &message).await;

        assert_eq!(request.method, "POST");
        assert_eq!(request.headers["x-acs-action"], "SendSms");
        assert_eq!(request.headers["x-acs-version"], "2017-05-25");
        assert_eq!(request.headers["x-acs-date"], "2026-11-05T08:00:00Z");
        assert_eq!(request.query["PhoneNumbers"], NUMBER);
        assert_eq!(request.query["SignName"], "沃生 优购*");
        assert_eq!(request.query["TemplateCode"], template);
        let sent = request.query.get("TemplateParam").map(|text| serde_json::from_str::<Value>(text).expect("JSON"));
        assert_eq!(sent, variables);
        signatures::assert_is_signed_for_aliyun(&request, KEY_ID, SECRET);
    }
}

#[tokio::test]
async fn tencent_gets_the_number_the_template_and_the_code_under_a_right_signature() {
    for (message, template, variables) in [
        (register_code(), "T_REGISTER", json!([CODE])),
        (password_code(), "T_PASSWORD", json!([CODE])),
        (SmsMessage::AlreadyRegistered, "T_ALREADY", json!([])),
        (SmsMessage::NotRegistered, "T_NOT", json!([])),
    ] {
        let request = only_request(GatewayKind::Tencent, &message).await;

        assert_eq!(request.method, "POST");
        assert_eq!(request.headers["x-tc-action"], "SendSms");
        assert_eq!(request.headers["x-tc-version"], "2021-01-11");
        assert_eq!(request.headers["x-tc-region"], "ap-guangzhou");
        assert_eq!(request.headers["x-tc-timestamp"], NOW.to_string());
        assert_eq!(
            request.body,
            json!({
                "PhoneNumberSet": [format!("+86{NUMBER}")],
                "SmsSdkAppId": "1400000001",
                "SignName": "沃生 优购*",
                "TemplateId": template,
                "TemplateParamSet": variables,
            })
        );
        signatures::assert_is_signed_for_tencent(&request, "2026-11-05", KEY_ID, SECRET);
    }
}

#[tokio::test]
async fn aliyun_gets_another_nonce_with_each_message() {
    let fake = FakeUpstream::start().await;
    fake.responses("/", [taken(GatewayKind::Aliyun)]);
    let gateway = gateway(GatewayKind::Aliyun, &fake);
    for _ in 0..2 {
        assert_eq!(gateway.send(&phone(), &register_code()).await, Ok(()));
    }
    let nonces: Vec<_> =
        fake.requests("/").iter().map(|request| request.headers["x-acs-signature-nonce"].clone()).collect();
    assert_ne!(nonces[0], nonces[1]);
}

#[tokio::test]
async fn every_failure_is_told_from_the_others_and_nothing_is_sent_twice() {
    let refusals = [
        (GatewayKind::Aliyun, "isv.BUSINESS_LIMIT_CONTROL", SmsError::Throttled),
        (GatewayKind::Aliyun, "isv.OUT_OF_SERVICE", SmsError::OutOfMoney),
        (GatewayKind::Aliyun, "isv.MOBILE_NUMBER_ILLEGAL", SmsError::Refused),
        (GatewayKind::Tencent, "LimitExceeded.PhoneNumberDailyLimit", SmsError::Throttled),
        (GatewayKind::Tencent, "FailedOperation.InsufficientBalanceInSmsPackage", SmsError::OutOfMoney),
        (GatewayKind::Tencent, "FailedOperation.PhoneNumberInBlacklist", SmsError::Refused),
    ];
    let refusals = refusals.map(|(kind, code, error)| (kind, response(kind, code), error));
    let others = CLOUDS.into_iter().flat_map(|kind| {
        [
            (kind, signature_refused(kind).0, SmsError::Refused),
            (kind, Reply::Redirect("/elsewhere"), SmsError::Refused),
            (kind, Reply::Status(404), SmsError::Refused),
            (kind, Reply::Status(500), SmsError::Unknown),
            (kind, Reply::Status(502), SmsError::Unknown),
            (kind, Reply::Document("<html>".to_owned()), SmsError::Unknown),
            (kind, Reply::Document(" ".repeat(65 * 1024)), SmsError::Unknown),
            (kind, Reply::CutOff(json!({ "Code": "OK", "Message": "..." }).to_string()), SmsError::Unknown),
            (kind, Reply::Close, SmsError::Unknown),
        ]
    });
    for (kind, reply, error) in refusals.into_iter().chain(others) {
        let fake = FakeUpstream::start().await;
        fake.responses("/", [reply.clone(), taken(kind)]);
        let gateway = gateway(kind, &fake);

        assert_eq!(gateway.send(&phone(), &register_code()).await, Err(error), "{kind:?} {reply:?}");

        assert_eq!(fake.requests("/").len(), 1, "{kind:?} {reply:?}");
        assert_eq!(
            gateway.send(&phone(), &register_code()).await,
            Ok(()),
            "{kind:?}: once the fault is gone, it works"
        );
    }
}

#[tokio::test]
async fn a_gateway_that_does_not_answer_in_time_may_have_sent_the_message() {
    for kind in CLOUDS {
        let fake = FakeUpstream::start().await;
        fake.responses("/", [Reply::Silence]);
        let outcome = timeout(Duration::from_secs(20), hurried(kind, &fake).send(&phone(), &register_code())).await;
        assert_eq!(outcome.expect("long before"), Err(SmsError::Unknown), "{kind:?}");
        assert_eq!(fake.requests("/").len(), 1, "{kind:?}");
    }
}

#[tokio::test]
async fn a_message_whose_turn_does_not_come_in_time_was_not_sent() {
    let fake = FakeUpstream::start().await;
    fake.responses("/", [Reply::Silence]);
    let one_at_a_time = Settings { max_concurrency: 1, ..settings(GatewayKind::Aliyun, fake.base()) };
    let gateway = gateway_with(&Settings { deadline: SHORT_DEADLINE, ..one_at_a_time });
    let (phone, message) = (phone(), register_code());

    let (first, second) = tokio::join!(gateway.send(&phone, &message), gateway.send(&phone, &message));

    assert_eq!(first, Err(SmsError::Unknown));
    assert_eq!(second, Err(SmsError::NotSent));
    assert_eq!(fake.requests("/").len(), 1);
}

#[tokio::test]
async fn a_gateway_that_cannot_be_reached_has_sent_nothing() {
    // Bound, but not listening: the port is ours and refuses.
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind("127.0.0.1:0".parse().expect("an address")).expect("a free port");
    let base = format!("http://{}", socket.local_addr().expect("an address"));
    for kind in [GatewayKind::Sandbox, GatewayKind::Aliyun, GatewayKind::Tencent] {
        let outcome = gateway_with(&settings(kind, &base)).send(&phone(), &register_code()).await;
        assert_eq!(outcome, Err(SmsError::NotSent), "{kind:?}");
    }
}

#[tokio::test]
async fn a_notice_without_a_template_is_refused_before_anything_is_sent() {
    for kind in CLOUDS {
        let log = CapturedLog::start();
        let fake = FakeUpstream::start().await;
        let mut settings = settings(kind, fake.base());
        settings.aliyun.templates.not_registered.clear();
        settings.tencent.templates.not_registered.clear();

        let outcome = gateway_with(&settings).send(&phone(), &SmsMessage::NotRegistered).await;

        assert_eq!(outcome, Err(SmsError::Refused));
        assert!(fake.requests("/").is_empty());
        assert!(log.text().contains("no template"), "{}", log.text());
    }
}

#[tokio::test]
async fn a_fault_of_the_configuration_is_loud_and_says_what_to_check() {
    for kind in CLOUDS {
        let clock =
            if kind == GatewayKind::Aliyun { "InvalidTimeStamp.Expired" } else { "AuthFailure.SignatureExpire" };
        for (reply, check) in [signature_refused(kind), (response(kind, clock), "the clock")] {
            let log = CapturedLog::start();
            let fake = FakeUpstream::start().await;
            fake.responses("/", [reply]);
            assert_eq!(gateway(kind, &fake).send(&phone(), &register_code()).await, Err(SmsError::Refused));
            let text = log.text();
            let line = text.lines().find(|line| line.contains("ERROR")).unwrap_or_else(|| panic!("{kind:?}: {text}"));
            assert!(line.contains(check) && line.contains(MASKED), "{line}");
        }
    }
}

#[tokio::test]
async fn no_secret_is_in_any_log_line_whatever_goes_wrong() {
    let log = CapturedLog::start();
    let everything = [SECRET, CODE, NUMBER].join(" ");
    let cases = CLOUDS.into_iter().flat_map(|kind| {
        [
            taken(kind),
            response(kind, &everything),
            response(kind, CODE),
            response(kind, NUMBER),
            response(kind, "isv.OUT_OF_SERVICE"),
            Reply::Document(json!({ "Code": [everything], "Message": everything }).to_string()),
            Reply::Document(everything.clone()),
            Reply::CutOff(everything.clone()),
            Reply::StatusWith(400, everything.clone()),
            Reply::Status(500),
            Reply::Close,
            Reply::Silence,
        ]
        .map(|reply| (kind, reply))
    });
    join_all(cases.map(|(kind, reply)| async move {
        let fake = FakeUpstream::start().await;
        let gateway = if matches!(reply, Reply::Silence) { hurried(kind, &fake) } else { gateway(kind, &fake) };
        fake.responses("/", [reply]);
        let _ = gateway.send(&phone(), &register_code()).await;
    }))
    .await;

    let text = log.text();
    for said in
        [MASKED, "took a message", "isv.OUT_OF_SERVICE", "an unusable answer", "no answer in time", "status=400"]
    {
        assert!(text.contains(said), "the log should say {said:?}: {text}");
    }
    for canary in [SECRET, CODE, NUMBER] {
        assert!(!text.contains(canary), "{canary} is in the log");
    }
}

#[tokio::test]
async fn the_sandbox_lists_what_was_sent() {
    let sandbox = SandboxServer::start().await;
    let gateway = gateway_with(&settings(GatewayKind::Sandbox, &sandbox.address));
    for message in [register_code(), password_code(), SmsMessage::AlreadyRegistered, SmsMessage::NotRegistered] {
        assert_eq!(gateway.send(&phone(), &message).await, Ok(()));
    }
    let listed = json_of(sandbox.get("/sms", &[("mobile", NUMBER)]).await).await;
    let message = |kind, code: Option<&str>| json!({ "mobile": NUMBER, "type": kind, "code": code, "sent_at": START });
    assert_eq!(
        listed,
        json!([
            message("not_registered", None),
            message("already_registered", None),
            message("password", Some(CODE)),
            message("register", Some(CODE)),
        ])
    );
}

#[tokio::test]
async fn the_sandbox_fails_as_it_is_told() {
    let sandbox = SandboxServer::start().await;
    let gateway = gateway_with(&Settings {
        deadline: Duration::from_secs(1),
        ..settings(GatewayKind::Sandbox, &sandbox.address)
    });
    for (kind, value, error) in [
        ("errcode", json!(402), SmsError::OutOfMoney),
        ("errcode", json!(429), SmsError::Throttled),
        ("errcode", json!(4001), SmsError::Refused),
        ("status", json!(503), SmsError::Unknown),
        ("drop", Value::Null, SmsError::Unknown),
        ("delay", json!(20_000), SmsError::Unknown),
    ] {
        sandbox.send(Method::DELETE, "/faults", Value::Null).await;
        sandbox.set_fault(json!({ "path": "/sms", "kind": kind, "value": value, "times": 1 })).await;
        let before = sandbox.calls("/sms").await;

        assert_eq!(gateway.send(&phone(), &register_code()).await, Err(error), "{kind} {value}");

        assert_eq!(sandbox.calls("/sms").await, before + 1, "{kind} {value}");
    }
}

#[test]
fn the_sandbox_gateway_needs_the_address_of_a_sandbox() {
    let made = SmsGateway::new(&settings(GatewayKind::Sandbox, ""), Clock::system(), Random::seeded(1));
    assert!(made.err().expect("a refusal").to_string().contains("sms.api_base"));
}
