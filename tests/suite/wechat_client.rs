//! The WeChat client against a server that misbehaves as scripted, over real HTTP.

use std::{
    future::poll_fn,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    task::Poll,
    time::Duration,
};

use futures_util::future::join_all;
use passport::{
    types::{Clock, Phone, Random, Secret},
    upstream::wechat::{ClientSettings, WechatClient, WechatError},
};
use serde_json::json;
use tokio::{net::TcpSocket, time::timeout};
use url::Url;

use crate::{
    captured_log::CapturedLog,
    fake_upstream::{FakeUpstream, PHONE, Reply, SESSION, STABLE_TOKEN},
};

const APPID: &str = "wx_app_1";
const APP_SECRET: &str = "canary-app-secret";
const SESSION_KEY: &str = "canary-session-key";
const LOGIN_CODE: &str = "canary-login-code";
const PHONE_CODE: &str = "canary-phone-code";
const FIRST_TOKEN: &str = "canary-token-1";
const SECOND_TOKEN: &str = "canary-token-2";

/// Short, for tests in which it passes; half a second of it is kept back.
const SHORT_DEADLINE: Duration = Duration::from_millis(1500);

fn settings(api_base: Url) -> ClientSettings {
    ClientSettings {
        open_base: api_base.clone(),
        api_base,
        mini_appid: APPID.to_owned(),
        mini_secret: Secret::new(APP_SECRET),
        official: None,
        // Long, so that tests which do not need it cannot fail by it on a busy machine.
        deadline: Duration::from_secs(30),
        connect_timeout: Duration::from_secs(5),
        max_concurrency: 200,
    }
}

fn client_with(settings: ClientSettings) -> WechatClient {
    WechatClient::new(settings, Clock::system(), Random::seeded(1)).expect("a client")
}

fn client(fake: &FakeUpstream) -> WechatClient {
    client_with(settings(fake.base()))
}

fn hurried_client(fake: &FakeUpstream) -> WechatClient {
    client_with(ClientSettings { deadline: SHORT_DEADLINE, ..settings(fake.base()) })
}

/// A fake WeChat at which everything works.
async fn healthy() -> FakeUpstream {
    let fake = FakeUpstream::start().await;
    fake.responses(SESSION, [session()]);
    fake.responses(STABLE_TOKEN, [token(FIRST_TOKEN), token(SECOND_TOKEN)]);
    fake.responses(PHONE, [phone()]);
    fake
}

fn session() -> Reply {
    Reply::Document(json!({ "openid": "o_user_1", "unionid": "u_user_1", "session_key": SESSION_KEY }).to_string())
}

fn token(token: &str) -> Reply {
    Reply::Document(json!({ "access_token": token, "expires_in": 7200 }).to_string())
}

fn phone() -> Reply {
    phone_given_to(APPID)
}

fn phone_given_to(appid: &str) -> Reply {
    let watermark = json!({ "timestamp": 1, "appid": appid });
    let info = json!({ "purePhoneNumber": "13800138000", "countryCode": "86", "watermark": watermark });
    Reply::Document(json!({ "errcode": 0, "errmsg": "ok", "phone_info": info }).to_string())
}

fn number(outcome: Result<Phone, WechatError>) -> Result<String, WechatError> {
    outcome.map(|phone| phone.as_str().to_owned())
}

fn openid(outcome: Result<passport::upstream::wechat::WechatSession, WechatError>) -> Result<String, WechatError> {
    outcome.map(|session| session.openid)
}

fn works() -> Result<String, WechatError> {
    Ok("13800138000".to_owned())
}

/// Starts each of `calls` and shows that none has ended.
async fn start<F: Future>(calls: &mut [Pin<Box<F>>]) {
    for call in calls {
        let pending = poll_fn(|context| Poll::Ready(call.as_mut().poll(context).is_pending())).await;
        assert!(pending, "the call should still be under way");
    }
}

#[tokio::test]
async fn a_login_code_becomes_a_session() {
    let fake = healthy().await;

    let session = client(&fake).code_to_session(LOGIN_CODE).await.expect("a session");

    assert_eq!(session.openid, "o_user_1");
    assert_eq!(session.unionid.as_deref(), Some("u_user_1"));
    assert_eq!(session.session_key.expose(), SESSION_KEY);
    let asked = &fake.requests(SESSION)[0].query;
    assert_eq!(
        [&asked["appid"], &asked["secret"], &asked["js_code"], &asked["grant_type"]],
        [APPID, APP_SECRET, LOGIN_CODE, "authorization_code"]
    );
}

#[tokio::test]
async fn a_phone_code_becomes_a_number_with_the_users_openid_checked() {
    let fake = healthy().await;

    assert_eq!(number(client(&fake).phone_number(PHONE_CODE, Some("o_user_1")).await), works());

    let asked = &fake.requests(PHONE)[0];
    assert_eq!(asked.query["access_token"], FIRST_TOKEN);
    assert_eq!(asked.body, json!({ "code": PHONE_CODE, "openid": "o_user_1" }));
    assert_eq!(
        fake.requests(STABLE_TOKEN)[0].body,
        json!({ "grant_type": "client_credential", "appid": APPID, "secret": APP_SECRET })
    );
}

#[tokio::test]
async fn a_phone_code_without_an_openid_is_sent_without_one() {
    let fake = healthy().await;
    assert_eq!(number(client(&fake).phone_number(PHONE_CODE, None).await), works());
    assert_eq!(fake.requests(PHONE)[0].body, json!({ "code": PHONE_CODE }));
}

#[tokio::test]
async fn an_api_base_with_a_path_keeps_it() {
    let fake = FakeUpstream::start().await;
    fake.responses("/wechat/sns/jscode2session", [session()]);
    let base = fake.base().join("/wechat/").expect("a URL");
    let session = client_with(settings(base)).code_to_session(LOGIN_CODE).await;
    assert_eq!(openid(session).as_deref(), Ok("o_user_1"));
}

#[tokio::test]
async fn a_refused_code_is_not_tried_again() {
    let fake = healthy().await;
    for (errcode, error) in [
        (40029, WechatError::CodeInvalid),
        (40163, WechatError::CodeInvalid),
        (40226, WechatError::UserBlocked),
        (45009, WechatError::Unavailable),
        (40013, WechatError::Unavailable),
        (12345, WechatError::Unavailable),
    ] {
        let before = fake.requests(SESSION).len();
        fake.responses(SESSION, [Reply::errcode(errcode)]);
        assert_eq!(openid(client(&fake).code_to_session(LOGIN_CODE).await), Err(error), "{errcode}");
        assert_eq!(fake.requests(SESSION).len(), before + 1, "{errcode}");
    }
}

#[tokio::test]
async fn a_code_of_another_user_or_of_another_app_is_invalid() {
    let fake = healthy().await;
    for reply in [Reply::errcode(40003), phone_given_to("wx_other")] {
        fake.responses(PHONE, [reply]);
        let outcome = client(&fake).phone_number(PHONE_CODE, Some("o_user_1")).await;
        assert_eq!(number(outcome), Err(WechatError::CodeInvalid));
    }
}

#[tokio::test]
async fn a_busy_wechat_is_asked_once_more() {
    let fake = healthy().await;
    for errcode in [-1, 45011] {
        fake.responses(SESSION, [Reply::errcode(errcode), session()]);
        assert!(client(&fake).code_to_session(LOGIN_CODE).await.is_ok(), "{errcode}");
        fake.responses(PHONE, [Reply::errcode(errcode), phone()]);
        assert_eq!(number(client(&fake).phone_number(PHONE_CODE, None).await), works(), "{errcode}");
    }
}

#[tokio::test]
async fn a_wechat_that_stays_busy_is_asked_twice_and_no_more() {
    let fake = healthy().await;
    fake.responses(SESSION, [Reply::errcode(-1)]).responses(PHONE, [Reply::errcode(45011)]);
    let client = client(&fake);

    assert_eq!(openid(client.code_to_session(LOGIN_CODE).await), Err(WechatError::Unavailable));
    assert_eq!(number(client.phone_number(PHONE_CODE, None).await), Err(WechatError::Unavailable));

    assert_eq!(fake.requests(SESSION).len(), 2);
    assert_eq!(fake.requests(PHONE).len(), 2);
}

#[tokio::test]
async fn a_call_that_may_have_spent_its_code_is_never_repeated() {
    let whole = json!({ "openid": "o_user_1", "session_key": SESSION_KEY }).to_string();
    for (name, reply) in [
        ("cut off", Reply::CutOff(whole.clone())),
        ("closed", Reply::Close),
        ("status 500", Reply::Status(500)),
        ("sent elsewhere", Reply::Redirect(SESSION)),
        ("empty", Reply::Document(String::new())),
        ("half a document", Reply::Document(whole[..20].to_owned())),
        ("overlong", Reply::Document(format!("{whole}{}", " ".repeat(64 * 1024)))),
        ("no JSON", Reply::Document("<html>".to_owned())),
        ("UTF-16", Reply::Bytes(whole.encode_utf16().flat_map(u16::to_le_bytes).collect())),
    ] {
        let fake = healthy().await;
        fake.responses(SESSION, [reply.clone(), session()]).responses(PHONE, [reply, phone()]);
        let client = client(&fake);

        assert_eq!(openid(client.code_to_session(LOGIN_CODE).await), Err(WechatError::Unavailable), "{name}");
        assert_eq!(number(client.phone_number(PHONE_CODE, None).await), Err(WechatError::Unavailable), "{name}");

        assert_eq!(fake.requests(SESSION).len(), 1, "{name}");
        assert_eq!(fake.requests(PHONE).len(), 1, "{name}");
        assert!(client.code_to_session(LOGIN_CODE).await.is_ok(), "{name}: once the fault is gone, it works");
    }
}

#[tokio::test]
async fn a_lost_answer_about_the_access_token_is_asked_for_once_more() {
    let lost = [
        Reply::CutOff(json!({ "access_token": FIRST_TOKEN, "expires_in": 7200 }).to_string()),
        Reply::Close,
        Reply::Status(502),
        Reply::Document(String::new()),
        Reply::errcode(-1),
    ];
    join_all(lost.map(|reply| async move {
        let (once, always) = (healthy().await, healthy().await);
        once.responses(STABLE_TOKEN, [reply.clone(), token(SECOND_TOKEN)]);
        always.responses(STABLE_TOKEN, [reply]);

        let (recovering, failing) = (client(&once), client(&always));
        let (recovered, failed) =
            tokio::join!(recovering.phone_number(PHONE_CODE, None), failing.phone_number(PHONE_CODE, None));

        assert_eq!(number(recovered), works());
        assert_eq!(number(failed), Err(WechatError::Unavailable));
        assert_eq!(once.requests(STABLE_TOKEN).len(), 2);
        assert_eq!(always.requests(STABLE_TOKEN).len(), 2);
        assert_eq!(always.requests(PHONE).len(), 0);
    }))
    .await;
}

#[tokio::test]
async fn a_silent_answer_about_the_access_token_leaves_time_to_ask_again() {
    let fake = healthy().await;
    fake.responses(STABLE_TOKEN, [Reply::Silence, token(FIRST_TOKEN)]);
    let client = client_with(ClientSettings { deadline: Duration::from_secs(5), ..settings(fake.base()) });
    assert_eq!(number(client.phone_number(PHONE_CODE, None).await), works());
}

#[tokio::test]
async fn a_connection_that_was_refused_is_tried_again() {
    // Given a port that is ours but refuses, until the client has found that out.
    let log = CapturedLog::start();
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind("127.0.0.1:0".parse().expect("an address")).expect("a free port");
    let base = format!("http://{}", socket.local_addr().expect("an address")).parse().expect("a URL");
    let client = client_with(settings(base));

    let recovery = async {
        log.has("WeChat is called once more").await;
        let fake = FakeUpstream::on(socket.listen(16).expect("the port opens"));
        fake.responses(SESSION, [session()]);
    };
    let (outcome, ()) = tokio::join!(client.code_to_session(LOGIN_CODE), recovery);

    assert_eq!(openid(outcome).as_deref(), Ok("o_user_1"));
}

#[tokio::test]
async fn a_silent_wechat_costs_no_more_than_the_deadline() {
    let fake = healthy().await;
    fake.responses(SESSION, [Reply::Silence]).responses(PHONE, [Reply::Silence]);
    let client = hurried_client(&fake);
    let login = timeout(SHORT_DEADLINE, client.code_to_session(LOGIN_CODE));
    let number_of = timeout(SHORT_DEADLINE, client.phone_number(PHONE_CODE, None));

    let (login, phone) = tokio::join!(login, number_of);

    assert_eq!(openid(login.expect("within the deadline")), Err(WechatError::Unavailable));
    assert_eq!(number(phone.expect("within the deadline")), Err(WechatError::Unavailable));
    assert_eq!(fake.requests(SESSION).len(), 1);
    assert_eq!(fake.requests(PHONE).len(), 1);
}

#[tokio::test]
async fn the_access_token_and_the_wait_for_a_turn_count_towards_the_deadline() {
    let fake = healthy().await;
    fake.responses(SESSION, [Reply::Silence]).responses(STABLE_TOKEN, [Reply::Silence]);
    let one_at_a_time = ClientSettings { deadline: SHORT_DEADLINE, max_concurrency: 1, ..settings(fake.base()) };
    let (busy, client) = (client_with(one_at_a_time), hurried_client(&fake));

    let calls = async {
        tokio::join!(
            busy.code_to_session("code-1"),
            busy.code_to_session("code-2"),
            client.phone_number(PHONE_CODE, None)
        )
    };
    let (first, second, phone) = timeout(SHORT_DEADLINE, calls).await.expect("within the deadline");

    assert_eq!(openid(first), Err(WechatError::Unavailable));
    assert_eq!(openid(second), Err(WechatError::Unavailable));
    assert_eq!(number(phone), Err(WechatError::Unavailable));
    assert_eq!(fake.requests(SESSION).len(), 1, "the second never got its turn");
    assert_eq!(fake.requests(STABLE_TOKEN).len(), 2, "a silent answer is asked for once more");
}

#[tokio::test]
async fn an_access_token_that_wechat_refuses_is_renewed_once() {
    for errcode in [40001, 40014, 42001] {
        let fake = healthy().await;
        fake.responses(PHONE, [Reply::errcode(errcode), phone()]);

        assert_eq!(number(client(&fake).phone_number(PHONE_CODE, None).await), works());

        let used: Vec<_> = fake.requests(PHONE).iter().map(|asked| asked.query["access_token"].clone()).collect();
        assert_eq!(used, [FIRST_TOKEN, SECOND_TOKEN], "{errcode}");
    }
}

#[tokio::test]
async fn a_second_refused_access_token_ends_the_call_and_is_forgotten_too() {
    let fake = healthy().await;
    fake.responses(STABLE_TOKEN, [token("t1"), token("t2"), token("t3")]);
    fake.responses(PHONE, [Reply::errcode(40001), Reply::errcode(40001), phone()]);
    let client = client(&fake);

    assert_eq!(number(client.phone_number(PHONE_CODE, None).await), Err(WechatError::Unavailable));
    assert_eq!((fake.requests(PHONE).len(), fake.requests(STABLE_TOKEN).len()), (2, 2));

    assert_eq!(number(client.phone_number(PHONE_CODE, None).await), works());
    assert_eq!(fake.requests(PHONE)[2].query["access_token"], "t3");
}

#[tokio::test]
async fn a_token_that_was_renewed_meanwhile_is_not_forgotten_for_the_old_ones_sake() {
    // Given a call whose refusal of the first token is on its way, while another call renews the token.
    let fake = healthy().await;
    fake.responses(STABLE_TOKEN, [token("t1"), token("t2"), token("t3")]);
    fake.responses(PHONE, [Reply::errcode(40001).held(), Reply::errcode(40001), phone()]);
    let client = client(&fake);
    let late = tokio::spawn({
        let client = client.clone();
        async move { client.phone_number("late", None).await }
    });
    fake.has_seen(PHONE, 1).await;
    assert_eq!(number(client.phone_number("early", None).await), works());

    fake.release();

    assert_eq!(number(late.await.expect("no panic")), works());
    assert_eq!(fake.requests(STABLE_TOKEN).len(), 2, "the late call used the token of the early one");
}

#[tokio::test]
async fn the_access_token_is_kept_until_five_minutes_before_its_end() {
    let fake = healthy().await;
    let now = Arc::new(AtomicI64::new(1_800_000_000));
    let clock = Clock::from_fn({
        let now = now.clone();
        move || now.load(Ordering::SeqCst)
    });
    let client = WechatClient::new(settings(fake.base()), clock, Random::seeded(1)).expect("a client");

    for (passed, fetched) in [(0, 1), (6899, 1), (1, 2), (6899, 2)] {
        now.fetch_add(passed, Ordering::SeqCst);
        assert_eq!(number(client.phone_number(PHONE_CODE, None).await), works());
        assert_eq!(fake.requests(STABLE_TOKEN).len(), fetched, "after {passed} s more");
    }
    assert_eq!(fake.requests(PHONE)[1].query["access_token"], FIRST_TOKEN);
    assert_eq!(fake.requests(PHONE)[2].query["access_token"], SECOND_TOKEN);
}

#[tokio::test]
async fn a_hundred_callers_share_one_fetch_of_the_access_token() {
    let fake = healthy().await;
    fake.responses(STABLE_TOKEN, [token(FIRST_TOKEN).held(), token(SECOND_TOKEN)]);
    let client = client(&fake);
    let codes: Vec<_> = (0..100).map(|code| code.to_string()).collect();
    let mut calls: Vec<_> = codes.iter().map(|code| Box::pin(client.phone_number(code, None))).collect();
    start(&mut calls).await;
    fake.has_seen(STABLE_TOKEN, 1).await;

    fake.release();

    assert!(join_all(calls).await.into_iter().all(|outcome| number(outcome) == works()));
    assert_eq!(fake.requests(STABLE_TOKEN).len(), 1);
    assert_eq!(fake.requests(PHONE).len(), 100);
}

#[tokio::test]
async fn a_hundred_logins_with_one_code_make_one_call_and_a_later_one_makes_its_own() {
    let fake = healthy().await;
    fake.responses(SESSION, [session().held(), Reply::errcode(40163)]);
    let client = client(&fake);
    let mut calls: Vec<_> = (0..100).map(|_| Box::pin(client.code_to_session(LOGIN_CODE))).collect();
    start(&mut calls).await;

    fake.release();

    assert!(join_all(calls).await.into_iter().all(|outcome| openid(outcome).as_deref() == Ok("o_user_1")));
    assert_eq!(fake.requests(SESSION).len(), 1);
    assert_eq!(openid(client.code_to_session(LOGIN_CODE).await), Err(WechatError::CodeInvalid));
    assert_eq!(fake.requests(SESSION).len(), 2);
}

#[tokio::test]
async fn phone_calls_are_shared_by_code_and_openid_together() {
    let fake = healthy().await;
    fake.responses(PHONE, [phone().held()]);
    let client = client(&fake);
    let mut calls: Vec<_> = [Some("o1"), Some("o1"), Some("o2"), None, None]
        .into_iter()
        .map(|openid| Box::pin(client.phone_number(PHONE_CODE, openid)))
        .collect();
    start(&mut calls).await;

    fake.release();

    assert!(join_all(calls).await.into_iter().all(|outcome| number(outcome) == works()));
    assert_eq!(fake.requests(PHONE).len(), 3);
}

#[tokio::test]
async fn a_shared_call_survives_its_first_caller() {
    let fake = healthy().await;
    fake.responses(SESSION, [session().held(), Reply::errcode(40163)]);
    let client = client(&fake);
    let mut first = vec![Box::pin(client.code_to_session(LOGIN_CODE))];
    start(&mut first).await;
    let mut second = vec![Box::pin(client.code_to_session(LOGIN_CODE))];
    start(&mut second).await;

    drop(first);
    fake.has_seen(SESSION, 1).await;
    fake.release();

    let outcome = join_all(second).await.remove(0);
    assert_eq!(openid(outcome).as_deref(), Ok("o_user_1"));
    assert_eq!(fake.requests(SESSION).len(), 1);
}

#[tokio::test]
async fn no_more_requests_run_at_once_than_allowed() {
    let fake = healthy().await;
    fake.responses(SESSION, [session().held()]);
    let client = client_with(ClientSettings { max_concurrency: 3, ..settings(fake.base()) });
    let codes: Vec<_> = (0..12).map(|code| code.to_string()).collect();
    let mut calls: Vec<_> = codes.iter().map(|code| Box::pin(client.code_to_session(code))).collect();
    start(&mut calls).await;
    fake.has_in_flight(3).await;
    // Time enough for a fourth, if there were one: client and server take turns on this one thread.
    for _ in 0..10_000 {
        tokio::task::yield_now().await;
    }

    fake.release();

    assert!(join_all(calls).await.into_iter().all(|outcome| outcome.is_ok()));
    assert_eq!(fake.requests(SESSION).len(), 12);
    assert_eq!(fake.most_in_flight(), 3);
}

#[tokio::test]
async fn a_fault_of_the_configuration_is_loud_and_says_what_to_check() {
    let fake = healthy().await;
    for (errcode, words) in [
        (40013, "wechat.mini.appid"),
        (41002, "wechat.mini.appid"),
        (40125, "wechat.mini.secret"),
        (41004, "wechat.mini.secret"),
        (40164, "allow-list"),
        (48001, "permissions"),
        (50002, "frozen"),
        (45009, "quota"),
    ] {
        let log = CapturedLog::start();
        fake.responses(SESSION, [Reply::errcode(errcode)]);
        assert_eq!(openid(client(&fake).code_to_session(LOGIN_CODE).await), Err(WechatError::Unavailable));
        let text = log.text();
        let line = text.lines().find(|line| line.contains("ERROR")).unwrap_or_else(|| panic!("{errcode}: {text}"));
        assert!(line.contains(&format!("errcode={errcode}")) && line.contains(words), "{line}");
    }
}

#[tokio::test]
async fn no_secret_is_in_any_log_line_whatever_goes_wrong() {
    let log = CapturedLog::start();
    let canaries = [APP_SECRET, SESSION_KEY, LOGIN_CODE, PHONE_CODE, FIRST_TOKEN, SECOND_TOKEN];
    let everything = canaries.join(" ");

    let telling = [
        session(),
        Reply::Document(json!({ "errcode": 40013, "errmsg": everything }).to_string()),
        Reply::Document(json!({ "errcode": 40029, "errmsg": everything }).to_string()),
        Reply::Document(json!({ "errcode": everything }).to_string()),
        Reply::Document(json!({ "openid": [everything], "session_key": SESSION_KEY }).to_string()),
        Reply::Document(json!({ "openid": everything, "session_key": SESSION_KEY }).to_string()),
        Reply::Document(json!({ "access_token": { "a": everything }, "phone_info": everything }).to_string()),
        Reply::Document(everything.clone()),
        Reply::CutOff(json!({ "openid": "o_user_1", "session_key": SESSION_KEY }).to_string()),
        Reply::errcode(-1),
        Reply::errcode(40001),
        Reply::Status(500),
        Reply::Close,
        Reply::Silence,
    ];
    join_all(telling.map(|reply| async move {
        let (code, token_works, token_fails) = (healthy().await, healthy().await, healthy().await);
        let client = if matches!(reply, Reply::Silence) { hurried_client } else { client };
        code.responses(SESSION, [reply.clone()]);
        token_works.responses(PHONE, [reply.clone()]);
        token_fails.responses(STABLE_TOKEN, [reply]);
        let clients = [&code, &token_works, &token_fails].map(client);
        let _ = tokio::join!(
            clients[0].code_to_session(LOGIN_CODE),
            clients[1].phone_number(PHONE_CODE, Some("o_user_1")),
            clients[2].phone_number(PHONE_CODE, Some("o_user_1")),
        );
    }))
    .await;

    let text = log.text();
    for said in ["errcode=40013", "errcode=40029", "no whole answer", "HTTP status 500", "no answer in time"] {
        assert!(text.contains(said), "the log should say {said:?}: {text}");
    }
    for canary in canaries {
        assert!(!text.contains(canary), "{canary} is in the log");
    }
}
