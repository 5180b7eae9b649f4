use futures_util::future::join_all;
use serde_json::Value;

use crate::service::{LoggedIn, Response, Service};

const TAKEN: &str = "该手机号已被其他用户绑定";
const CODE_INVALID: &str = "获取手机号失败: code无效";

async fn bind(service: &Service, user: &LoggedIn, phone: &str) -> Response {
    let code = service.mint_phone(phone, user.user_info["openid"].as_str()).await;
    service.bind_phone(&user.token, &code).await
}

async fn phone_of(service: &Service, user: &LoggedIn) -> Value {
    service.user_info(&user.token).await.result("获取成功")["phone"].clone()
}

#[tokio::test]
async fn a_phone_code_tells_the_number_once_and_binds_nothing() {
    let service = Service::start().await;
    let alice = service.log_in("wx_alice").await;
    let code = service.mint_phone("13912345678", Some("wx_alice")).await;
    let other = service.mint_phone("+85291234567", None).await;

    assert_eq!(service.get_phone_number(&code).await.text_result("获取成功"), "13912345678");
    let form = service.post_form("/applet/login/getPhoneNumber", &[("code", &other)]).await;
    assert_eq!(form.text_result("获取成功"), "+85291234567");

    service.get_phone_number(&code).await.refused(400, CODE_INVALID);
    service.get_phone_number("unknown").await.refused(400, CODE_INVALID);
    service.get_phone_number("wx_login_code_here").await.refused(400, CODE_INVALID);
    assert!(phone_of(&service, &alice).await.is_null());
}

#[tokio::test]
async fn a_number_is_bound_kept_and_replaced() {
    let service = Service::start().await;
    let alice = service.log_in("wx_alice").await;

    let code = service.mint_phone("13912345678", Some("wx_alice")).await;
    let fields = [("token", alice.token.as_str()), ("phoneCode", code.as_str())];
    service.post_form("/applet/login/bindPhoneNumber", &fields).await.result("绑定成功");
    assert_eq!(phone_of(&service, &alice).await, "13912345678");

    bind(&service, &alice, "13912345678").await.result("绑定成功");
    assert_eq!(phone_of(&service, &alice).await, "13912345678");

    bind(&service, &alice, "+85291234567").await.result("绑定成功");
    assert_eq!(phone_of(&service, &alice).await, "+85291234567");

    let bob = service.log_in("wx_bob").await;
    bind(&service, &bob, "13912345678").await.result("绑定成功");
    assert_eq!(phone_of(&service, &bob).await, "13912345678");
}

#[tokio::test]
async fn a_number_has_one_owner() {
    let service = Service::start().await;
    let (alice, bob) = (service.log_in("wx_alice").await, service.log_in("wx_bob").await);
    bind(&service, &alice, "13912345678").await.result("绑定成功");
    bind(&service, &bob, "13987654321").await.result("绑定成功");

    bind(&service, &bob, "13912345678").await.refused(400, TAKEN);

    assert_eq!(phone_of(&service, &alice).await, "13912345678");
    assert_eq!(phone_of(&service, &bob).await, "13987654321");
}

#[tokio::test]
async fn a_code_from_another_persons_phone_is_refused_and_left_for_them() {
    let service = Service::start().await;
    let (alice, mallory) = (service.log_in("wx_alice").await, service.log_in("wx_mallory").await);
    let code = service.mint_phone("13912345678", Some("wx_alice")).await;

    service.bind_phone(&mallory.token, &code).await.refused(400, CODE_INVALID);

    assert!(phone_of(&service, &mallory).await.is_null());
    service.bind_phone(&alice.token, &code).await.result("绑定成功");
}

#[tokio::test]
async fn a_used_or_unknown_code_binds_nothing() {
    let service = Service::start().await;
    let alice = service.log_in("wx_alice").await;
    let used = service.mint_phone("13912345678", None).await;
    service.get_phone_number(&used).await.result("获取成功");
    let old = service.mint_phone("13912345678", None).await;
    service.clock.advance(300);
    let before = service.stored().await;

    for code in [&used, &old, "unknown", "wx_login_code_here"] {
        service.bind_phone(&alice.token, code).await.refused(400, CODE_INVALID);
    }
    assert_eq!(service.stored().await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_hundred_users_who_bind_one_number_at_once_one_gets_it() {
    let service = Service::start().await;
    let openids: Vec<String> = (0..100).map(|number| format!("wx_user_{number}")).collect();
    let users = join_all(openids.iter().map(|openid| service.log_in(openid))).await;

    let responses = join_all(users.iter().map(|user| bind(&service, user, "13912345678"))).await;

    let (won, lost): (Vec<_>, Vec<_>) = responses.iter().partition(|response| response.status == 200);
    assert_eq!((won.len(), lost.len()), (1, 99));
    won[0].result("绑定成功");
    lost.iter().for_each(|response| response.refused(400, TAKEN));
    let stored = service.stored().await;
    assert_eq!(stored.users.iter().filter(|user| user.phone.is_some()).count(), 1);
}
