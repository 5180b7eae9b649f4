use serde_json::Value;

use crate::service::Service;

#[tokio::test]
async fn the_first_login_makes_a_user_and_the_next_one_finds_them() {
    let service = Service::start().await;

    let first = service.log_in("wx_alice").await;
    let again = service.log_in("wx_alice").await;

    let digits = first.user_info["name"].as_str().and_then(|name| name.strip_prefix("微信用户")).expect("a name");
    assert!(digits.len() == 8 && digits.bytes().all(|byte| byte.is_ascii_digit()), "{digits}");
    assert_eq!(first.user_info["openid"], "wx_alice");
    for field in ["phone", "avatar", "bmi", "fat"] {
        assert_eq!(first.user_info[field], Value::Null, "{field}");
    }
    assert_eq!(again.user_info, first.user_info);
    assert_ne!(again.token, first.token);
    let stored = service.stored().await;
    assert_eq!((stored.users.len(), stored.identities.len(), stored.sessions.len()), (1, 1, 2));
}
