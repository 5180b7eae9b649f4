use std::time::{Duration, Instant};

use super::*;

const LOGIN: &str = "/sns/jscode2session";

fn login_request(sandbox: &SandboxServer, code: &str) -> reqwest::RequestBuilder {
    let query = [("appid", MINI), ("secret", MINI_SECRET), ("js_code", code), ("grant_type", "authorization_code")];
    sandbox.request(Method::GET, LOGIN).query(&query)
}

#[tokio::test]
async fn a_delayed_answer_is_the_usual_one_but_late() {
    let sandbox = SandboxServer::start().await;
    sandbox.set_fault(json!({"path": LOGIN, "kind": "delay", "value": 120})).await;

    let asked = Instant::now();
    let response = sandbox.log_in("wx_login_code_here").await;

    assert!(asked.elapsed() >= Duration::from_millis(120));
    assert_eq!(response["openid"], "wx_openid_123");
}

#[tokio::test]
async fn a_client_that_gives_up_waiting_has_not_spent_its_code() {
    let sandbox = SandboxServer::start().await;
    let code = sandbox.mint("login", json!({})).await;
    sandbox.set_fault(json!({"path": LOGIN, "kind": "delay", "value": 600_000})).await;

    let given_up = login_request(&sandbox, &code).timeout(Duration::from_millis(50)).send().await;

    assert!(given_up.is_err_and(|error| error.is_timeout()));
    assert!(sandbox.log_in(&code).await.get("openid").is_some());
}

#[tokio::test]
async fn a_status_fault_answers_that_status_without_json() {
    let sandbox = SandboxServer::start().await;
    sandbox.set_fault(json!({"path": LOGIN, "kind": "status", "value": 502})).await;

    let response = login_request(&sandbox, "wx_login_code_here").send().await.expect("a response");

    assert_eq!(response.status(), StatusCode::BAD_GATEWAY);
    let body = response.text().await.expect("a body");
    assert!(serde_json::from_str::<Value>(&body).is_err());
}

#[tokio::test]
async fn an_errcode_fault_answers_as_wechat_does_and_spends_no_code() {
    let sandbox = SandboxServer::start().await;
    let code = sandbox.mint("login", json!({})).await;
    sandbox.set_fault(json!({"path": LOGIN, "kind": "errcode", "value": -1})).await;

    let refused = sandbox.log_in(&code).await;

    assert_eq!(errcode(&refused), -1);
    assert!(refused["errmsg"].as_str().is_some_and(|words| words.contains("rid:")));
    assert!(sandbox.log_in(&code).await.get("openid").is_some());
}

#[tokio::test]
async fn a_drop_fault_cuts_the_answer_off_in_its_middle_and_spends_no_code() {
    let sandbox = SandboxServer::start().await;
    let code = sandbox.mint("login", json!({})).await;
    sandbox.set_fault(json!({"path": LOGIN, "kind": "drop"})).await;

    let mut response = login_request(&sandbox, &code).send().await.expect("the answer has begun");
    assert_eq!(response.status(), StatusCode::OK);
    assert!(response.chunk().await.is_ok_and(|chunk| chunk.is_some_and(|bytes| !bytes.is_empty())));
    assert!(response.chunk().await.is_err(), "the connection ends before the answer does");

    assert!(sandbox.log_in(&code).await.get("openid").is_some());
}

#[tokio::test]
async fn a_body_fault_makes_wechat_lie() {
    let sandbox = SandboxServer::start().await;
    for lie in ["{\"openid\":5}", "", "not json"] {
        sandbox.set_fault(json!({"path": LOGIN, "kind": "body", "value": lie})).await;
        let response = login_request(&sandbox, "wx_login_code_here").send().await.expect("a response");
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.text().await.expect("a body"), lie);
    }
}

#[tokio::test]
async fn faults_strike_as_often_as_asked_in_the_order_in_which_they_were_set() {
    let sandbox = SandboxServer::start().await;
    sandbox.set_fault(json!({"path": LOGIN, "kind": "errcode", "value": 45011, "times": 2})).await;
    sandbox.set_fault(json!({"path": LOGIN, "kind": "errcode", "value": -1})).await;
    sandbox.set_fault(json!({"path": "/cgi-bin/stable_token", "kind": "errcode", "value": 45009})).await;

    for expected in [45011, 45011, -1] {
        assert_eq!(errcode(&sandbox.log_in("wx_login_code_here").await), expected);
    }
    assert_eq!(sandbox.log_in("wx_login_code_here").await["openid"], "wx_openid_123");
    assert_eq!(errcode(&sandbox.stable_token(false).await), 45009, "another path has faults of its own");
}

#[tokio::test]
async fn faults_that_wait_are_listed_and_can_be_cleared() {
    let sandbox = SandboxServer::start().await;
    sandbox.set_fault(json!({"path": LOGIN, "kind": "drop", "times": 3})).await;
    sandbox.set_fault(json!({"path": "/cgi-bin/token", "kind": "delay", "value": 5})).await;
    sandbox.set_fault(json!({"path": "/cgi-bin/token", "kind": "body", "value": "lie"})).await;

    let listed = json_of(sandbox.get("/faults", &[]).await).await;
    assert_eq!(
        listed,
        json!([
            {"path": LOGIN, "kind": "drop", "value": null, "times": 3},
            {"path": "/cgi-bin/token", "kind": "delay", "value": 5, "times": 1},
            {"path": "/cgi-bin/token", "kind": "body", "value": "lie", "times": 1},
        ])
    );

    let left = json_of(sandbox.send(Method::DELETE, "/faults", json!({})).await).await;
    assert_eq!(left, json!([]));
    assert_eq!(sandbox.log_in("wx_login_code_here").await["openid"], "wx_openid_123");
}

#[tokio::test]
async fn a_fault_that_makes_no_sense_is_refused_and_sets_nothing() {
    let sandbox = SandboxServer::start().await;
    for (fault, named) in [
        (json!({}), "path"),
        (json!({"path": "/sns/nothing", "kind": "drop"}), "path"),
        (json!({"path": LOGIN}), "kind"),
        (json!({"path": LOGIN, "kind": "explode"}), "kind"),
        (json!({"path": LOGIN, "kind": 5}), "kind"),
        (json!({"path": LOGIN, "kind": "delay"}), "value"),
        (json!({"path": LOGIN, "kind": "delay", "value": "5"}), "value"),
        (json!({"path": LOGIN, "kind": "delay", "value": -1}), "value"),
        (json!({"path": LOGIN, "kind": "status", "value": 99}), "value"),
        (json!({"path": LOGIN, "kind": "errcode", "value": 1.5}), "value"),
        (json!({"path": LOGIN, "kind": "body", "value": {"openid": "o"}}), "value"),
        (json!({"path": LOGIN, "kind": "drop", "times": 0}), "times"),
        (json!({"path": LOGIN, "kind": "drop", "times": "2"}), "times"),
        (json!({"path": LOGIN, "kind": "drop", "time": 2}), "time"),
    ] {
        let (status, words) = refusal(sandbox.send(Method::PUT, "/faults", fault.clone()).await).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{fault}");
        assert!(words.contains(named), "{fault}: {words}");
    }
    assert_eq!(json_of(sandbox.get("/faults", &[]).await).await, json!([]));
}

#[tokio::test]
async fn calls_are_counted_by_path_whatever_became_of_them() {
    let sandbox = SandboxServer::start().await;
    sandbox.set_fault(json!({"path": LOGIN, "kind": "errcode", "value": -1})).await;
    sandbox.log_in("wx_login_code_here").await;
    sandbox.log_in("wx_login_code_here").await;

    assert_eq!(sandbox.calls(LOGIN).await, 2);
    assert_eq!(sandbox.calls("/cgi-bin/stable_token").await, 0);
    let unknown = sandbox.get("/calls", &[("path", "/sns/nothing")]).await;
    assert_eq!(refusal(unknown).await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_faults_of_one_path_are_cleared_without_those_of_another() {
    let sandbox = SandboxServer::start().await;
    for path in [LOGIN, "/sms"] {
        sandbox.set_fault(json!({"path": path, "kind": "errcode", "value": -1, "times": 5})).await;
    }

    let left = sandbox.request(Method::DELETE, "/faults").query(&[("path", LOGIN)]).send().await.expect("a response");

    let left: Value = left.json().await.expect("JSON");
    assert_eq!(left, json!([{"path": "/sms", "kind": "errcode", "value": -1, "times": 5}]));
    assert!(sandbox.log_in("wx_login_code_here").await.get("openid").is_some());
    let wrong = sandbox.request(Method::DELETE, "/faults?path=/elsewhere").send().await.expect("a response");
    assert_eq!(wrong.status(), StatusCode::BAD_REQUEST);
}
