//! Failures around an operation, such as an unreadable body or an unknown path: always in the envelope.

use std::{collections::BTreeMap, sync::Arc};

use passport::{
    applet,
    http::{ErrorLayer, MAX_BODY_BYTES, render_errors},
};
use poem::{EndpointExt, Server, endpoint::make_sync, listener::TcpAcceptor};
use reqwest::{
    Method,
    header::{CONNECTION, HeaderMap, HeaderValue},
};
use sea_orm::{ConnectionTrait, TransactionTrait};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::service::{Response, Service, assert_contract};

const GETS: [&str; 2] = ["checkLogin", "getUserInfo"];
const POSTS: [&str; 6] = ["wxLogin", "getPhoneNumber", "bindPhoneNumber", "refreshToken", "logout", "updateUserInfo"];

const UNSUPPORTED: &str = "Content-Type须为application/json或application/x-www-form-urlencoded";

fn path(operation: &str) -> String {
    format!("/applet/login/{operation}")
}

async fn post(service: &Service, operation: &str, content_type: Option<&str>, body: impl Into<Vec<u8>>) -> Response {
    let mut request = service.request(Method::POST, &path(operation)).body(body.into());
    if let Some(content_type) = content_type {
        request = request.header("content-type", content_type);
    }
    service.send(request).await
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_refused_by_every_operation() {
    let service = Service::start().await;
    let json = Some("application/json");
    let deep = "[".repeat(50_000);
    for operation in POSTS {
        for body in [
            &b"{"[..],
            b"{\"code\":}",
            b"code=wx_login_code_here",
            b"{\"code\":\"x\"}}",
            b"{\"code\":\"\xff\"}",
            b"\xef\xbb\xbf{}",
            b"{\"bmi\":1e999}",
            b"\0",
            deep.as_bytes(),
        ] {
            post(&service, operation, json, body).await.refused(400, "请求体不是有效的JSON");
        }
        for body in ["[]", "[{\"code\":\"x\"}]", "\"x\"", "5", "null", "true"] {
            post(&service, operation, json, body).await.refused(400, "请求体必须是JSON对象");
        }
        for content_type in
            [None, Some("text/plain"), Some("multipart/form-data; boundary=x"), Some("nonsense"), Some("")]
        {
            post(&service, operation, content_type, "code=x").await.refused(415, UNSUPPORTED);
        }
    }
    let stored = service.stored().await;
    assert!(stored.users.is_empty() && stored.limits.is_empty());
}

#[tokio::test]
async fn a_body_type_may_have_parameters_and_any_case() {
    let service = Service::start().await;
    for content_type in ["application/json; charset=utf-8", "Application/JSON", "application/json;charset=GBK"] {
        post(&service, "wxLogin", Some(content_type), "{\"code\":\"wx_login_code_here\"}").await.logged_in();
    }
    let form = "application/x-www-form-urlencoded; charset=UTF-8";
    post(&service, "wxLogin", Some(form), "code=wx_login_code_here").await.logged_in();
}

#[tokio::test]
async fn an_empty_body_has_no_fields_whatever_its_type() {
    let service = Service::start().await;
    for content_type in [None, Some("application/json"), Some("application/x-www-form-urlencoded"), Some("text/plain")]
    {
        for (operation, code, message) in [
            ("wxLogin", 400, "缺少参数code"),
            ("getPhoneNumber", 400, "缺少参数code"),
            ("bindPhoneNumber", 400, "缺少参数phoneCode"),
            ("refreshToken", 401, "token无效"),
            ("logout", 401, "token无效"),
            ("updateUserInfo", 400, "缺少参数userInfo"),
        ] {
            post(&service, operation, content_type, "").await.refused(code, message);
        }
    }
}

#[tokio::test]
async fn a_body_over_64_kib_is_refused_however_it_is_sent() {
    let service = Service::start().await;
    for operation in POSTS {
        for content_type in [Some("application/json"), Some("text/plain"), None] {
            post(&service, operation, content_type, vec![b' '; MAX_BODY_BYTES + 1])
                .await
                .refused(413, "请求体过大,最大64KB");
        }
        for chunked in [false, true] {
            send_300_kb(&service, &path(operation), chunked).await.refused(413, "请求体过大,最大64KB");
        }
    }
    let largest = vec![b' '; MAX_BODY_BYTES];
    post(&service, "wxLogin", Some("application/json"), largest).await.refused(400, "请求体不是有效的JSON");
}

/// Sends 300 KB without reading the response first.
async fn send_300_kb(service: &Service, path: &str, chunked: bool) -> Response {
    const CHUNK: [u8; 0x4000] = [b'x'; 0x4000];
    let (mut read, mut write) = TcpStream::connect(service.address()).await.expect("a connection").into_split();
    let length = if chunked { "transfer-encoding: chunked".to_owned() } else { "content-length: 300000".to_owned() };
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n{length}\r\n\r\n"
    );
    tokio::spawn(async move {
        write.write_all(head.as_bytes()).await?;
        for sent in (0..300_000).step_by(CHUNK.len()) {
            if chunked {
                write.write_all(b"4000\r\n").await?;
                write.write_all(&CHUNK).await?;
                write.write_all(b"\r\n").await?;
            } else {
                write.write_all(&CHUNK[..CHUNK.len().min(300_000 - sent)]).await?;
            }
        }
        // The connection stays open until the response has been read.
        std::future::pending::<std::io::Result<()>>().await
    });
    let mut bytes = Vec::new();
    // The service may close the connection after its response, since it reads no further.
    let _ = read.read_to_end(&mut bytes).await;
    let response = Response::parse(&bytes);
    let headers = HeaderMap::from_iter([(CONNECTION, HeaderValue::from_static("close"))]);
    assert_contract(&Method::POST, path, &headers, &response, false);
    response
}

#[tokio::test]
async fn an_unknown_path_is_not_found_whatever_the_method() {
    let service = Service::start().await;
    for path in [
        "/applet/login/nothing",
        "/applet/login/",
        "/applet/",
        "/applet/login/wxlogin",
        "/applet/login/wxLogin/",
        "/applet/login/wxLogin/x",
        "/applet/login//wxLogin",
        "/applet/%00",
        "/applet/login/%E5%BE%AE",
        "/applet/sns/jscode2session",
    ] {
        for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE] {
            service.send(service.request(method, path)).await.refused(404, "资源不存在");
        }
    }
    for path in ["/", "/nothing", "/codes/login", "/sns/jscode2session", "/faults"] {
        let response = service.get(path, &[]).await;
        assert_eq!((response.status, &response.body["message"]), (404, &json!("资源不存在")), "{path}");
    }
}

#[tokio::test]
async fn a_wrong_method_is_told_the_right_ones() {
    let service = Service::start().await;
    let others = [Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS, Method::TRACE];
    for (operations, wrong, allow) in
        [(&POSTS[..], vec![Method::GET, Method::HEAD], "POST"), (&GETS[..], vec![Method::POST], "GET, HEAD")]
    {
        for operation in operations {
            for method in wrong.iter().chain(&others) {
                let response = service.send(service.request(method.clone(), &path(operation))).await;
                assert_eq!((response.status, response.header("allow")), (405, Some(allow)), "{method} {operation}");
                if method != Method::HEAD {
                    response.refused(405, "请求方法不支持");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_head_is_a_get_without_its_body() {
    let service = Service::start().await;
    let token = service.log_in("wx_alice").await.token;
    for operation in GETS {
        let head = |token: &str| service.request(Method::HEAD, &path(operation)).query(&[("token", token)]);
        assert_eq!(service.send(head(&token)).await.status, 200);
        assert_eq!(service.send(head("forged")).await.status, 401);
    }
}

#[tokio::test]
async fn every_answer_has_a_request_id_that_cannot_forge_a_log_line() {
    let service = Service::start().await;
    let id = async |given: &str| {
        let request = service.request(Method::GET, &path("checkLogin")).header("x-request-id", given);
        service.send(request).await.header("x-request-id").expect("an id").to_owned()
    };
    assert_eq!(id("trace-1_a.b").await, "trace-1_a.b");
    for given in ["", "a b", "a\"b", "a=b", &"x".repeat(65)] {
        let id = id(given).await;
        assert!(id.len() == 16 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{given}: {id}");
    }
}

#[tokio::test]
async fn a_panic_is_a_500_in_the_envelope_and_the_service_goes_on() {
    let service = Service::start().await;
    let layer = ErrorLayer::new(vec![applet::surface(&service.config().applet)], BTreeMap::new());
    let endpoint = make_sync(|request| -> poem::Response { panic!("a secret of {}", request.uri()) })
        .around(move |endpoint, request| render_errors(endpoint, request, Arc::clone(&layer)));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}/applet/login/logout", listener.local_addr().expect("an address"));
    let acceptor = TcpAcceptor::from_tokio(listener).expect("an acceptor");
    tokio::spawn(Server::new_with_acceptor(acceptor).run(endpoint));

    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    for _ in 0..2 {
        let response = Response::read(client.post(&url).send().await.expect("a response")).await.expect("a body");
        assert_eq!(response.text, r#"{"success":false,"message":"服务器内部错误","code":500,"result":null}"#);
        for (name, value) in [("cache-control", "no-store"), ("x-content-type-options", "nosniff")] {
            assert_eq!(response.header(name), Some(value));
        }
        assert_eq!((response.status, response.header("content-type")), (500, Some("application/json")));
    }
}

#[tokio::test]
async fn a_fault_of_the_database_is_a_500_without_a_detail() {
    let service = Service::start().await;
    let token = service.log_in("wx_alice").await.token;
    service.database().await.execute_unprepared("ALTER TABLE tokens RENAME TO elsewhere").await.expect("renamed");

    for response in service.uses_of(&token).await {
        response.refused(500, "服务器内部错误");
    }
    service.wx_login("wx_login_code_here").await.refused(500, "服务器内部错误");

    service.database().await.execute_unprepared("ALTER TABLE elsewhere RENAME TO tokens").await.expect("renamed");
    service.check_login(&token).await.result("登录有效");
    assert_eq!(service.stored().await.users.len(), 1, "the login that failed left nothing behind");
}

#[tokio::test]
async fn a_database_that_is_busy_for_too_long_is_a_503_and_nothing_is_half_written() {
    let limits = [("PASSPORT_DATABASE__ACQUIRE_TIMEOUT", "1s"), ("PASSPORT_DATABASE__STATEMENT_TIMEOUT", "1s")];
    let service = Service::with(&limits).await;
    let known = service.log_in("wx_openid_of_bob").await;
    let db = service.database().await;
    let lock = db.begin().await.expect("a transaction");
    lock.execute_unprepared("UPDATE users SET name = name").await.expect("the lock of a row, or of the database");
    let before = service.stored().await;

    let code = service.mint_login("wx_openid_of_bob", None).await;
    let response = service.wx_login(&code).await;

    response.refused(503, "服务暂时不可用,请稍后再试");
    lock.rollback().await.expect("released");
    assert_eq!(service.stored().await, before);
    assert_eq!(service.log_in("wx_openid_of_bob").await.id, known.id);
}
