use serde_json::json;

use crate::service::{MINUTE, Response, Service};

const TOO_OFTEN: &str = "请求过于频繁,请稍后再试";

async fn call(service: &Service, address: &str, operation: &str, code: &str) -> Response {
    service.post_from(address, &format!("/applet/login/{operation}"), &json!({"code": code})).await
}

/// Half of the failures are logins, half are phone numbers: they count together.
async fn fail(service: &Service, address: &str, times: usize) {
    for time in 0..times {
        let operation = if time % 2 == 0 { "wxLogin" } else { "getPhoneNumber" };
        assert_eq!(call(service, address, operation, "unknown").await.status, 400, "{operation} {time}");
    }
}

#[tokio::test]
async fn after_thirty_failed_codes_an_address_waits_for_the_end_of_the_window() {
    let service = Service::behind_a_proxy(&[]).await;
    fail(&service, "203.0.113.7", 1).await;
    service.clock.advance(2 * MINUTE);
    fail(&service, "203.0.113.7", 29).await;
    let before = service.calls("/sns/jscode2session").await;

    let login = call(&service, "203.0.113.7", "wxLogin", "wx_login_code_here").await;
    let phone = call(&service, "203.0.113.7", "getPhoneNumber", "phone_code_here").await;

    for refused in [login, phone] {
        refused.refused(429, TOO_OFTEN);
        assert_eq!(refused.retry_after(), Some(3 * MINUTE));
    }
    assert_eq!(service.calls("/sns/jscode2session").await, before, "WeChat is not asked");
    call(&service, "203.0.113.8", "wxLogin", "wx_login_code_here").await.logged_in();

    service.clock.advance(3 * MINUTE - 1);
    let last = call(&service, "203.0.113.7", "wxLogin", "wx_login_code_here").await;
    assert_eq!((last.status, last.retry_after()), (429, Some(1)));
    service.clock.advance(1);
    call(&service, "203.0.113.7", "wxLogin", "wx_login_code_here").await.logged_in();
    fail(&service, "203.0.113.7", 30).await;
    call(&service, "203.0.113.7", "wxLogin", "unknown").await.refused(429, TOO_OFTEN);
}

#[tokio::test]
async fn an_ipv6_caller_counts_by_its_64() {
    let service = Service::behind_a_proxy(&[]).await;
    fail(&service, "2001:db8:1:2::1", 15).await;
    fail(&service, "2001:db8:1:2:aaaa:bbbb:cccc:dddd", 15).await;

    call(&service, "2001:db8:1:2::9", "wxLogin", "wx_login_code_here").await.refused(429, TOO_OFTEN);
    call(&service, "2001:db8:1:3::1", "wxLogin", "wx_login_code_here").await.logged_in();
}

#[tokio::test]
async fn a_caller_cannot_choose_its_address() {
    let service = Service::with(&[("PASSPORT_APPLET__CODE_FAILURES__MAX", "3")]).await;
    for address in ["203.0.113.1", "203.0.113.2", "203.0.113.3"] {
        fail(&service, address, 1).await;
    }
    call(&service, "203.0.113.4", "wxLogin", "wx_login_code_here").await.refused(429, TOO_OFTEN);

    let service =
        Service::with(&[("PASSPORT_TRUSTED_PROXIES", "127.0.0.0/8"), ("PASSPORT_APPLET__CODE_FAILURES__MAX", "3")])
            .await;
    for address in ["1.1.1.1, 203.0.113.7", "2.2.2.2, 203.0.113.7", "3.3.3.3, 203.0.113.7"] {
        fail(&service, address, 1).await;
    }
    call(&service, "4.4.4.4, 203.0.113.7", "wxLogin", "wx_login_code_here").await.refused(429, TOO_OFTEN);
}

#[tokio::test]
async fn only_failures_of_the_caller_count() {
    let service = Service::with(&[("PASSPORT_APPLET__CODE_FAILURES__MAX", "2")]).await;
    for _ in 0..3 {
        service.log_in("wx_alice").await;
    }
    service.fault("/sns/jscode2session", "status", 500, 6).await;
    for _ in 0..3 {
        service.wx_login("wx_login_code_here").await.refused(503, "微信登录失败: 微信服务暂时不可用");
    }
    service.clear_faults().await;
    for code in ["", "没有这种code"] {
        assert_eq!(service.wx_login(code).await.status, 400);
    }
    service.wx_login("wx_login_code_here").await.logged_in();
}
