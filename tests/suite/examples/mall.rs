use serde_json::json;

use super::{Dialect, Replacements, body_types};
use crate::service::Service;

const MALL: Dialect = Dialect {
    name: "mall",
    shapes: &[
        ("40a78a658f5b8339085707517e8dc7f9cb6854f4", "^[0-9a-f]{40}$"),
        ("9f86d081884c7d659a2feaa0c55ad015", "^[0-9a-f]{32}$"),
        (
            URL,
            "^https://open\\.weixin\\.qq\\.com/connect/oauth2/authorize\\?appid=wx0123456789abcdef&redirect_uri=https%3A%2F%2Fmall\\.example\\.com%2Fwechat&response_type=code&scope=snsapi_userinfo&state=[0-9a-f]{32}#wechat_redirect$",
        ),
        // Whoever has just registered is called by their number.
        ("demo", r"^180(26740326|\*{4}0326)$"),
        // The document leaves a place for the words of a failure.
        ("", "^.+$"),
        ("错误信息", "^.+$"),
    ],
};

/// The one documented address that carries a state.
const URL: &str = "https://open.weixin.qq.com/connect/oauth2/authorize?appid=wx0123456789abcdef&redirect_uri=https%3A%2F%2Fmall.example.com%2Fwechat&response_type=code&scope=snsapi_userinfo&state=9f86d081884c7d659a2feaa0c55ad015#wechat_redirect";

const MOBILE: &str = "18026740326";
const TOKEN: &str = "40a78a658f5b8339085707517e8dc7f9cb6854f4";
const STATE: &str = "9f86d081884c7d659a2feaa0c55ad015";
const SMS_CODE: &str = "123456";
const WECHAT_CODE: &str = "wx_login_code_here";

documented! { MALL:
    login_page: "loginPage", given nobody;
    login: "login", given the_documented_member;
    login_failed: "login-failure", given nobody;
    register_page: "registerPage", given nobody;
    register: "register", given a_code_for_a_registration;
    register_at_the_documented_address: "register-at-users-login", given a_code_for_a_registration;
    register_failed: "register-failure", given nobody;
    forget_page: "forgetPage", given nobody;
    forget: "forget", given a_member_with_a_code;
    forget_failed: "forget-failure", given the_documented_member;
    authorize: "wechatAuthorize", given an_official_account;
    login_through_the_official_account: "wechatLogin", given a_visitor_who_came_back;
    login_through_the_official_account_failed: "wechatLogin-failure", given nobody;
    login_through_the_mini_program: "wechatLogin-mini", given a_user_of_the_mini_program;
    login_through_the_mini_program_failed: "wechatLogin-mini-failure", given nobody;
    send_sms: "sendSms", given nobody;
    send_sms_failed: "sendSms-failure", given the_documented_member;
    autologin: "autologin", given the_documented_member;
    autologin_failed: "autologin-failure", given nobody;
    logout: "mallLogout", given the_documented_member;
    logout_failed: "mallLogout-failure", given nobody;
}

/// A mall whose newest members are what the document shows.
async fn mall(settings: &[(&str, &str)]) -> Service {
    let service = Service::with(settings).await;
    service.write("UPDATE member_groups SET name = '钻石会员' WHERE min_points = 0").await;
    service
}

async fn nobody() -> (Service, Replacements) {
    (mall(&[]).await, vec![])
}

/// Gives the first user the documented names and number.
async fn name_it_demo(service: &Service) {
    let demo = format!("UPDATE users SET username = 'demo', name = 'demo', phone = '{MOBILE}' WHERE id = 1");
    service.write(&demo).await;
}

async fn the_documented_member() -> (Service, Replacements) {
    let service = mall(&[]).await;
    let member = service.register(MOBILE).await;
    name_it_demo(&service).await;
    (service, vec![(TOKEN, member.token)])
}

async fn a_code_for_a_registration() -> (Service, Replacements) {
    let service = mall(&[]).await;
    let code = service.sms_code(MOBILE, "register").await;
    (service, vec![(SMS_CODE, code)])
}

async fn a_member_with_a_code() -> (Service, Replacements) {
    let (service, _) = the_documented_member().await;
    let code = service.sms_code(MOBILE, "password").await;
    (service, vec![(SMS_CODE, code)])
}

async fn an_official_account() -> (Service, Replacements) {
    let service = mall(&[
        ("PASSPORT_WECHAT__OPEN_BASE", "https://open.weixin.qq.com"),
        ("PASSPORT_WECHAT__OFFICIAL__APPID", "wx0123456789abcdef"),
        ("PASSPORT_WECHAT__OFFICIAL__RETURN_URLS", "https://mall.example.com/wechat"),
    ]);
    (service.await, vec![])
}

async fn a_visitor_who_came_back() -> (Service, Replacements) {
    let service = mall(&[]).await;
    // A visitor who has no picture.
    let profile = json!({"openid": "o-demo", "nickname": "demo", "sex": 0, "headimgurl": "", "privilege": []});
    service.fault("/sns/userinfo", "body", profile.to_string(), 2).await;
    service.official_member(json!({"openid": "o-demo"})).await;
    name_it_demo(&service).await;
    let (code, state) = (service.mint_oauth(json!({"openid": "o-demo"})).await, service.state().await);
    (service, vec![(WECHAT_CODE, code), (STATE, state)])
}

async fn a_user_of_the_mini_program() -> (Service, Replacements) {
    let service = mall(&[]).await;
    service.mini_login(WECHAT_CODE, None).await.member("授权成功");
    name_it_demo(&service).await;
    (service, vec![])
}
