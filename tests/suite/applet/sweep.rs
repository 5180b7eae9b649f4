use std::time::Duration;

use crate::service::{DAY, MINUTE, Service, Stored};

/// Waits until what is stored is as it should be. The sweeper works by the machine's clock, once a second.
async fn until(service: &Service, is_so: impl Fn(&Stored) -> bool) {
    let wait = async {
        while !is_so(&service.stored().await) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), wait).await.expect("swept");
}

#[tokio::test]
async fn what_has_expired_is_deleted_in_batches_and_nothing_else_is() {
    let service = Service::with(&[("PASSPORT_SWEEP__INTERVAL", "1s"), ("PASSPORT_SWEEP__BATCH", "2")]).await;
    for _ in 0..5 {
        service.log_in("wx_alice").await;
    }
    service.wx_login("unknown").await.refused(400, "微信登录失败: code无效");
    let first = service.log_in("wx_bob").await;
    let second = service.refresh(&first.token).await.text_result("刷新成功");

    // The window of the failed code is over; every token may still be refreshed.
    service.clock.advance(6 * MINUTE);
    until(&service, |stored| stored.limits.is_empty()).await;
    let stored = service.stored().await;
    assert_eq!((stored.sessions.len(), stored.tokens.len()), (6, 7));

    // A session that is refreshed lives on; the five others are of no use any more.
    service.clock.advance(7 * DAY);
    let third = service.refresh(&second).await.text_result("刷新成功");
    service.clock.advance(7 * DAY);
    until(&service, |stored| stored.sessions.len() == 1).await;

    let stored = service.stored().await;
    assert_eq!((stored.users.len(), stored.identities.len()), (2, 2));
    assert!(stored.tokens.iter().all(|token| token.session_id == stored.sessions[0].id));
    service.refresh(&third).await.text_result("刷新成功");
}
