use super::*;

async fn token(sandbox: &SandboxServer) -> String {
    sandbox.stable_token(false).await["access_token"].as_str().expect("a token").to_owned()
}

#[tokio::test]
async fn the_documents_phone_code_is_anybodys_and_works_any_number_of_times() {
    let sandbox = SandboxServer::start().await;
    let token = token(&sandbox).await;
    for openid in ["o-anna", "o-berta"] {
        let response = sandbox.phone_number(&token, json!({"code": "phone_code_here", "openid": openid})).await;
        assert_eq!(
            response,
            json!({
                "errcode": 0,
                "errmsg": "ok",
                "phone_info": {
                    "phoneNumber": "13800138000",
                    "purePhoneNumber": "13800138000",
                    "countryCode": "86",
                    "watermark": {"timestamp": START, "appid": MINI},
                },
            })
        );
    }
}

#[tokio::test]
async fn a_foreign_number_comes_with_its_country_code() {
    let sandbox = SandboxServer::start().await;
    let token = token(&sandbox).await;
    for (minted, country_code, pure, whole) in [
        ("+85291234567", "852", "91234567", "+85291234567"),
        ("+14155552671", "1", "4155552671", "+14155552671"),
        ("+447911123456", "44", "7911123456", "+447911123456"),
        ("+86 138 0013 8000", "86", "13800138000", "13800138000"),
    ] {
        let code = sandbox.mint("phone", json!({"phone": minted})).await;
        let info = &sandbox.phone_number(&token, json!({"code": code})).await["phone_info"];
        assert_eq!(info["countryCode"], country_code, "{minted}");
        assert_eq!(info["purePhoneNumber"], pure, "{minted}");
        assert_eq!(info["phoneNumber"], whole, "{minted}");
    }
}

#[tokio::test]
async fn without_a_number_a_mainland_one_is_made_up() {
    let sandbox = SandboxServer::start().await;
    let code = sandbox.mint("phone", json!({})).await;
    let response = sandbox.phone_number(&token(&sandbox).await, json!({"code": code})).await;
    let number = response["phone_info"]["phoneNumber"].as_str().expect("a number").to_owned();
    assert!(passport::types::Phone::mainland(&number).is_some_and(|phone| phone.as_str() == number), "{number}");
}

#[tokio::test]
async fn a_code_minted_for_somebody_is_nobody_elses_and_stays_good_for_its_owner() {
    let sandbox = SandboxServer::start().await;
    let token = token(&sandbox).await;
    let code = sandbox.mint("phone", json!({"phone": "13900139000", "openid": "o-anna"})).await;

    let thief = sandbox.phone_number(&token, json!({"code": code, "openid": "o-berta"})).await;
    let owner = sandbox.phone_number(&token, json!({"code": code, "openid": "o-anna"})).await;
    let again = sandbox.phone_number(&token, json!({"code": code, "openid": "o-anna"})).await;

    assert_eq!(errcode(&thief), 40029);
    assert_eq!(owner["phone_info"]["phoneNumber"], "13900139000");
    assert_eq!(errcode(&again), 40163);
}

#[tokio::test]
async fn a_phone_code_lives_five_minutes() {
    let sandbox = SandboxServer::start().await;
    let token = token(&sandbox).await;
    let code = sandbox.mint("phone", json!({})).await;
    sandbox.seconds_pass(300);
    assert_eq!(errcode(&sandbox.phone_number(&token, json!({"code": code})).await), 40029);
}

#[tokio::test]
async fn a_login_code_tells_no_number() {
    let sandbox = SandboxServer::start().await;
    let token = token(&sandbox).await;
    let code = sandbox.mint("login", json!({})).await;
    for code in [code.as_str(), "wx_login_code_here"] {
        assert_eq!(errcode(&sandbox.phone_number(&token, json!({"code": code})).await), 40029, "{code}");
    }
}

#[tokio::test]
async fn the_call_needs_a_good_token_of_a_mini_program() {
    let sandbox = SandboxServer::start().await;
    let query = [("grant_type", "client_credential"), ("appid", OFFICIAL), ("secret", OFFICIAL_SECRET)];
    let officials = json_of(sandbox.get("/cgi-bin/token", &query).await).await;
    let officials = officials["access_token"].as_str().expect("a token");
    let minis = token(&sandbox).await;
    let question = json!({"code": "phone_code_here"});

    assert_eq!(errcode(&sandbox.phone_number("", question.clone()).await), 41001);
    assert_eq!(errcode(&sandbox.phone_number("made-up", question.clone()).await), 40001);
    assert_eq!(errcode(&sandbox.phone_number(officials, question.clone()).await), 48001);
    sandbox.seconds_pass(7200);
    assert_eq!(errcode(&sandbox.phone_number(&minis, question).await), 42001);
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_refused_by_number() {
    let sandbox = SandboxServer::start().await;
    let path = format!("/wxa/business/getuserphonenumber?access_token={}", token(&sandbox).await);
    for (body, expected) in [("{\"code\"", 47001), ("{\"code\": 5}", 47001), ("[]", 47001), ("{}", 41008), ("", 44002)]
    {
        let response = sandbox.request(Method::POST, &path).body(body).send().await.expect("a response");
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(errcode(&json_of(response).await), expected, "{body}");
    }
    assert_eq!(errcode(&json_of(sandbox.get(&path, &[]).await).await), 43002);
}
