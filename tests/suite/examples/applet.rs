use passport::types::UserId;
use serde_json::json;

use super::{Dialect, Replacements, body_types};
use crate::service::Service;

const APPLET: Dialect = Dialect {
    name: "applet",
    shapes: &[
        ("eyJhbGciOiJIUzI1NiJ9...", r"^eyJhbGciOiJIUzI1NiJ9\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{43}$"),
        ("applet_user_123", "^applet_user_[1-9][0-9]*$"),
        ("微信用户12345678", "^微信用户[0-9]{8}$"),
    ],
};

documented! { APPLET:
    wx_login: "wxLogin", given the_documented_user;
    get_phone_number: "getPhoneNumber", given the_documented_user;
    bind_phone_number: "bindPhoneNumber", given the_documented_user;
    refresh_token: "refreshToken", given the_documented_user;
    logout: "logout", given the_documented_user;
    check_login: "checkLogin", given the_documented_user;
    get_user_info: "getUserInfo", given the_documented_user;
    update_user_info: "updateUserInfo", given the_documented_user;
    token_invalid: "checkLogin-token-invalid", given a_user_who_logged_out;
    user_gone: "getUserInfo-user-gone", given a_user_who_was_deleted;
    code_invalid: "wxLogin-code-invalid", given the_documented_user;
    phone_taken: "bindPhoneNumber-phone-taken", given a_user_whose_phone_is_taken;
}

fn token(token: String) -> Replacements {
    vec![("user_token_here", token.clone()), ("old_token_here", token)]
}

/// Logs in with the documented code and fills in what the document shows of the user.
async fn the_documented_user() -> (Service, Replacements) {
    let service = Service::start().await;
    let user = service.wx_login("wx_login_code_here").await.logged_in();
    service.bind_phone(&user.token, "phone_code_here").await.result("绑定成功");
    let shown = json!({"avatar": "https://example.com/avatar.jpg", "bmi": 22.5, "fat": 15.2});
    service.update_user_info(&user.token, shown).await.result("更新成功");
    (service, token(user.token))
}

async fn a_user_who_logged_out() -> (Service, Replacements) {
    let service = Service::start().await;
    let user = service.log_in("wx_openid_123").await;
    service.log_out(&user.token).await.result("退出成功");
    (service, token(user.token))
}

async fn a_user_who_was_deleted() -> (Service, Replacements) {
    let service = Service::start().await;
    let user = service.log_in("wx_openid_123").await;
    assert!(service.admin().await.delete(UserId::new(user.id)).await.expect("a database"));
    (service, token(user.token))
}

async fn a_user_whose_phone_is_taken() -> (Service, Replacements) {
    let service = Service::start().await;
    let other = service.log_in("wx_openid_124").await;
    service.bind_phone(&other.token, "phone_code_here").await.result("绑定成功");
    let user = service.log_in("wx_openid_123").await;
    (service, token(user.token))
}
