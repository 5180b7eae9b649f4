use crate::service::Service;
use passport::types::UserId;

#[tokio::test]
async fn a_disabled_user_is_shut_out_at_once_and_has_to_log_in_again_when_enabled() {
    let service = Service::start().await;
    let admin = service.admin().await;
    let (alice, bob) = (service.log_in("wx_alice").await, service.log_in("wx_bob").await);

    assert!(admin.disable(UserId::new(alice.id)).await.expect("a database"));
    for response in service.uses_of(&alice.token).await {
        response.refused(403, "账号已被禁用");
    }
    let code = service.mint_login("wx_alice", None).await;
    service.wx_login(&code).await.refused(403, "账号已被禁用");
    service.check_login(&bob.token).await.result("登录有效");

    assert!(admin.enable(UserId::new(alice.id)).await.expect("a database"));
    for response in service.uses_of(&alice.token).await {
        response.refused(401, "token无效");
    }
    assert_eq!(service.log_in("wx_alice").await.id, alice.id);
}

#[tokio::test]
async fn a_deleted_user_is_gone_and_comes_back_as_somebody_new() {
    let service = Service::start().await;
    let alice = service.log_in("wx_alice").await;
    service.bind_phone(&alice.token, "phone_code_here").await.result("绑定成功");

    assert!(service.admin().await.delete(UserId::new(alice.id)).await.expect("a database"));

    for response in service.uses_of(&alice.token).await {
        response.refused(404, "用户不存在");
    }
    let again = service.log_in("wx_alice").await;
    assert_ne!(again.id, alice.id);
    service.bind_phone(&again.token, "phone_code_here").await.result("绑定成功");
    service.check_login(&alice.token).await.refused(404, "用户不存在");
}

#[tokio::test]
async fn an_operator_can_end_every_session_of_a_user() {
    let service = Service::start().await;
    let admin = service.admin().await;
    let (alice, bob) = (service.log_in("wx_alice").await, service.log_in("wx_bob").await);
    let elsewhere = service.log_in("wx_alice").await;
    let shown = admin.show(UserId::new(alice.id)).await.expect("a database").expect("a user");
    assert_eq!((shown.live_tokens, shown.identities[0].key.subject.as_str()), (2, "wx_alice"));

    assert!(admin.log_out(UserId::new(alice.id)).await.expect("a database"));

    for token in [&alice.token, &elsewhere.token] {
        for response in service.uses_of(token).await {
            response.refused(401, "token无效");
        }
    }
    service.check_login(&bob.token).await.result("登录有效");
}

#[tokio::test]
async fn what_is_done_to_nobody_says_so() {
    let service = Service::start().await;
    let admin = service.admin().await;
    assert!(admin.show(UserId::new(1)).await.expect("a database").is_none());
    assert!(!admin.disable(UserId::new(1)).await.expect("a database"));
    assert!(!admin.enable(UserId::new(1)).await.expect("a database"));
    assert!(!admin.delete(UserId::new(1)).await.expect("a database"));
    assert!(!admin.log_out(UserId::new(1)).await.expect("a database"));
}
