use passport::types::UserId;
use reqwest::Method;
use serde_json::json;

use super::ANNA;
use crate::service::{PASSWORD, Service};

const ENDED: &str = "登录已失效,请重新登录";

#[tokio::test]
async fn a_logout_ends_this_session_and_no_other() {
    let service = Service::start().await;
    let anna = service.register(ANNA).await;
    let elsewhere = service.password_login(ANNA, PASSWORD).await.member("登录成功");

    assert_eq!(service.mall_log_out(&anna.token).await.body, json!({"code": 1, "msg": "退出成功", "data": {}}));

    service.autologin(&anna.token).await.not_resumed(ENDED);
    service.mall_log_out(&anna.token).await.not_resumed(ENDED);
    service.autologin(&elsewhere.token).await.resumed();
}

#[tokio::test]
async fn a_logout_without_a_good_token_is_refused_as_autologin_refuses_it() {
    let service = Service::start().await;
    let (anna, berta) = (service.register(ANNA).await, service.register("13900139000").await);
    let applet = service.log_in("wx_anna").await;
    service.send(service.request(Method::POST, "/users/logout")).await.not_resumed(ENDED);
    for token in ["", "40a78a658f5b8339085707517e8dc7f9cb6854f4", &anna.token[..39], &applet.token] {
        service.mall_log_out(token).await.not_resumed(ENDED);
    }
    let admin = service.admin().await;
    admin.disable(UserId::new(anna.id)).await.expect("a database");
    admin.delete(UserId::new(berta.id)).await.expect("a database");

    service.mall_log_out(&anna.token).await.not_resumed("账号已被禁用,请联系客服");
    service.mall_log_out(&berta.token).await.not_resumed("用户不存在,请重新登录");
    service.check_login(&applet.token).await.result("登录有效");
}

#[tokio::test]
async fn a_logout_may_have_a_body_in_json_or_as_a_form_and_no_other() {
    let service = Service::start().await;
    for (content_type, body, status) in [
        ("application/json", "{}", 200),
        ("application/json", r#"{"unknown":1}"#, 200),
        ("application/x-www-form-urlencoded", "a=b", 200),
        ("text/plain", "a=b", 415),
        ("application/json", "{", 400),
    ] {
        let anna = service.register(ANNA).await;
        let request = service.request(Method::POST, "/users/logout").header("auth-token", &anna.token);
        let response = service.send(request.header("content-type", content_type).body(body)).await;

        assert_eq!((response.status, &response.body["code"]), (status, &json!(i32::from(status == 200))), "{body}");
        service.admin().await.delete(UserId::new(anna.id)).await.expect("a database");
        service.wait_for_the_next_code();
    }
}

#[tokio::test]
async fn of_many_logouts_at_once_one_succeeds() {
    let service = Service::start().await;
    let anna = service.register(ANNA).await;

    let answers = futures_util::future::join_all((0..20).map(|_| service.mall_log_out(&anna.token))).await;

    assert_eq!(answers.iter().filter(|answer| answer.body["code"] == 1).count(), 1);
    answers.iter().filter(|answer| answer.body["code"] != 1).for_each(|answer| answer.not_resumed(ENDED));
}
