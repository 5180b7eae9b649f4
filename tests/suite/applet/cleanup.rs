use crate::service::{DAY, Service};

const EVERY_SECOND: (&str, &str) = ("PASSPORT_SWEEP__INTERVAL", "1s");

#[tokio::test]
async fn what_has_expired_is_deleted_and_nothing_else_is() {
    let service = Service::with(&[EVERY_SECOND]).await;
    service.log_in("wx_alice").await;
    service.wx_login("unknown").await.refused(400, "微信登录失败: code无效");
    let first = service.log_in("wx_bob").await;
    let second = service.refresh(&first.token).await.text_result("刷新成功");

    // The window of the failed code is over. Every token has expired, and can still be refreshed.
    service.clock.advance(7 * DAY);
    service.until_stored(|stored| stored.limits.is_empty()).await;
    let stored = service.stored().await;
    assert_eq!((stored.sessions.len(), stored.tokens.len()), (2, 3));
    let third = service.refresh(&second).await.text_result("刷新成功");

    // The session that was refreshed lives on, the other one is of no use any more.
    service.clock.advance(7 * DAY + 1);
    service.until_stored(|stored| stored.sessions.len() == 1).await;
    let stored = service.stored().await;
    assert_eq!((stored.users.len(), stored.identities.len()), (2, 2));
    assert!(stored.tokens.iter().all(|token| token.session_id == stored.sessions[0].id));
    service.refresh(&third).await.text_result("刷新成功");
}

#[tokio::test]
async fn a_round_deletes_batch_after_batch_until_nothing_is_left() {
    let service = Service::with(&[EVERY_SECOND, ("PASSPORT_SWEEP__BATCH", "1")]).await;
    // Too many for one batch a second.
    for _ in 0..60 {
        service.log_in("wx_alice").await;
    }

    service.clock.advance(14 * DAY + 1);

    service.until_stored(|stored| stored.sessions.is_empty() && stored.tokens.is_empty()).await;
    assert_eq!(service.stored().await.users.len(), 1);
}
