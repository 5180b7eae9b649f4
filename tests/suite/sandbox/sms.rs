use super::*;

async fn send(sandbox: &SandboxServer, message: Value) -> Response {
    sandbox.send(Method::POST, "/sms", message).await
}

async fn outbox(sandbox: &SandboxServer, query: &[(&str, &str)]) -> Value {
    json_of(sandbox.get("/sms", query).await).await
}

#[tokio::test]
async fn messages_are_listed_by_number_the_newest_first() {
    let sandbox = SandboxServer::start().await;
    let anna = json!({"mobile": "13800138000", "type": "register", "code": "111111"});
    let berta = json!({"mobile": "13900139000", "type": "register", "code": "222222"});
    let anna_again = json!({"mobile": "13800138000", "type": "password", "code": "333333"});
    let mut ids = Vec::new();
    for message in [anna, berta, anna_again] {
        let taken = json_of(send(&sandbox, message).await).await;
        assert_eq!(taken["code"], "OK");
        ids.push(taken["id"].as_str().expect("an id").to_owned());
        sandbox.seconds_pass(1);
    }

    assert!(ids[0] != ids[1] && ids[1] != ids[2]);
    assert_eq!(
        outbox(&sandbox, &[("mobile", "13800138000")]).await,
        json!([
            {"mobile": "13800138000", "type": "password", "code": "333333", "sent_at": START + 2},
            {"mobile": "13800138000", "type": "register", "code": "111111", "sent_at": START},
        ])
    );
    assert_eq!(outbox(&sandbox, &[]).await.as_array().map(Vec::len), Some(3));
    assert_eq!(outbox(&sandbox, &[("mobile", "13700137000")]).await, json!([]));
}

#[tokio::test]
async fn a_message_may_carry_no_code() {
    let sandbox = SandboxServer::start().await;
    send(&sandbox, json!({"mobile": "13800138000", "type": "notice"})).await;
    assert_eq!(
        outbox(&sandbox, &[]).await,
        json!([{"mobile": "13800138000", "type": "notice", "code": null, "sent_at": START}])
    );
}

#[tokio::test]
async fn a_message_that_makes_no_sense_is_refused_and_not_listed() {
    let sandbox = SandboxServer::start().await;
    for (message, named) in [
        (json!({"type": "register", "code": "1"}), "mobile"),
        (json!({"mobile": "13800138000", "code": "1"}), "type"),
        (json!({"mobile": 13_800_138_000_i64, "type": "register"}), "mobile"),
        (json!({"mobile": "13800138000", "type": "register", "code": 123_456}), "code"),
        (json!({"mobile": "1".repeat(33), "type": "register"}), "mobile"),
    ] {
        let (status, words) = refusal(send(&sandbox, message.clone()).await).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{message}");
        assert!(words.contains(named), "{message}: {words}");
    }
    assert_eq!(outbox(&sandbox, &[]).await, json!([]));
}

#[tokio::test]
async fn the_gateway_can_fail_and_then_nothing_is_sent() {
    let sandbox = SandboxServer::start().await;
    let message = json!({"mobile": "13800138000", "type": "register", "code": "111111"});
    for fault in [
        json!({"path": "/sms", "kind": "errcode", "value": 4001}),
        json!({"path": "/sms", "kind": "status", "value": 503}),
        json!({"path": "/sms", "kind": "drop"}),
    ] {
        sandbox.set_fault(fault).await;
    }

    let refused = json_of(send(&sandbox, message.clone()).await).await;
    assert_eq!(refused["code"], "4001", "in the gateway's form, not in WeChat's");
    assert_eq!(send(&sandbox, message.clone()).await.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(send(&sandbox, message.clone()).await.bytes().await.is_err());
    assert_eq!(outbox(&sandbox, &[]).await, json!([]));

    send(&sandbox, message).await;
    assert_eq!(outbox(&sandbox, &[]).await.as_array().map(Vec::len), Some(1));
    assert_eq!(sandbox.calls("/sms").await, 4, "looking at the outbox is no call to the gateway");
}
