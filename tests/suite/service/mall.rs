//! Calls of the mall dialect, and what its responses say.

use reqwest::Method;
use serde_json::{Value, json};

use super::{MINUTE, Response, Service};

/// A password that is not refused as common.
pub const PASSWORD: &str = "correct horse 42";

/// A member who has just logged in.
#[derive(Clone, Debug)]
pub struct Member {
    pub token: String,
    pub id: i64,
    /// The profile without the token.
    pub profile: Value,
}

impl Service {
    /// A service behind a trusted proxy, so that a test can call from any address.
    pub async fn behind_a_proxy(settings: &[(&str, &str)]) -> Self {
        let proxy = [("PASSPORT_TRUSTED_PROXIES", "127.0.0.1")];
        Self::with(&[&proxy, settings].concat()).await
    }

    /// Sends fields to an operation from an address; the proxy tells which.
    pub async fn post_from(&self, address: &str, path: &str, fields: &Value) -> Response {
        self.send(self.request(Method::POST, path).header("x-forwarded-for", address).json(fields)).await
    }

    pub async fn send_sms(&self, mobile: &str, kind: &str) -> Response {
        self.post_json("/users/send_sms", &json!({"username": mobile, "type": kind})).await
    }

    /// A fresh code from the newest message.
    pub async fn sms_code(&self, mobile: &str, kind: &str) -> String {
        self.send_sms(mobile, kind).await.data("发送成功");
        self.newest_code(mobile).await
    }

    /// The code in the newest message to a number.
    pub async fn newest_code(&self, mobile: &str) -> String {
        self.outbox(mobile).await[0]["code"].as_str().expect("a code").to_owned()
    }

    pub async fn register_with(&self, mobile: &str, password: &str, code: &str) -> Response {
        self.post_json("/users/register", &json!({"username": mobile, "password": password, "code": code})).await
    }

    /// Lets somebody become a member, with the usual password.
    pub async fn register(&self, mobile: &str) -> Member {
        let code = self.sms_code(mobile, "register").await;
        self.register_with(mobile, PASSWORD, &code).await.member("注册成功")
    }

    pub async fn password_login(&self, name: &str, password: &str) -> Response {
        self.post_json("/users/login", &json!({"username": name, "password": password})).await
    }

    pub async fn password_login_from(&self, address: &str, name: &str, password: &str) -> Response {
        self.post_from(address, "/users/login", &json!({"username": name, "password": password})).await
    }

    pub async fn forget_with(&self, mobile: &str, password: &str, code: &str) -> Response {
        self.post_json("/users/forget", &json!({"username": mobile, "password": password, "code": code})).await
    }

    /// Sets a new password with a fresh code.
    pub async fn forget(&self, mobile: &str, password: &str) -> Member {
        let code = self.sms_code(mobile, "password").await;
        self.forget_with(mobile, password, &code).await.member("修改密码成功")
    }

    pub async fn autologin(&self, token: &str) -> Response {
        self.autologin_with(token, &json!({})).await
    }

    pub async fn autologin_with(&self, token: &str, fields: &Value) -> Response {
        self.send(self.request(Method::POST, "/users/autologin").header("auth-token", token).json(fields)).await
    }

    pub async fn mall_log_out(&self, token: &str) -> Response {
        self.send(self.request(Method::POST, "/users/logout").header("auth-token", token)).await
    }

    /// Another login of the mini program, in this dialect.
    pub async fn mini_login(&self, code: &str, user_info: Option<&str>) -> Response {
        let mut fields = json!({"source": 2, "code": code});
        if let Some(user_info) = user_info {
            fields["userInfo"] = user_info.into();
        }
        self.post_json("/wechat.auth/login", &fields).await
    }

    /// A state as a script gets it.
    pub async fn state(&self) -> String {
        let response = self.get("/wechat.auth/login", &[]).await;
        response.data("ok")["state"].as_str().expect("a state").to_owned()
    }

    pub async fn official_login(&self, code: &str, state: &str) -> Response {
        self.post_json("/wechat.auth/login", &json!({"source": 1, "code": code, "state": state})).await
    }

    /// Lets a visitor log in through the official account.
    pub async fn official_member(&self, visitor: Value) -> Member {
        let (code, state) = (self.mint_oauth(visitor).await, self.state().await);
        self.official_login(&code, &state).await.member("授权成功")
    }

    /// Lets the time pass after which the same number can get another code.
    pub fn wait_for_the_next_code(&self) {
        self.clock.advance(MINUTE);
    }
}

impl Response {
    /// The `data` of a success with that message.
    #[track_caller]
    pub fn data(&self, msg: &str) -> &Value {
        assert_eq!((&self.body["code"], &self.body["msg"]), (&json!(1), &json!(msg)), "{}", self.text);
        &self.body["data"]
    }

    /// The profile in the success of an autologin.
    #[track_caller]
    pub fn resumed(&self) -> &Value {
        assert_eq!((&self.body["code"], &self.body["msg"]), (&json!(1000), &json!("ok")), "{}", self.text);
        &self.body["data"]
    }

    #[track_caller]
    pub fn member(&self, msg: &str) -> Member {
        let mut profile = self.data(msg).clone();
        let token = profile.as_object_mut().and_then(|fields| fields.remove("token")).expect("a token");
        Member {
            token: token.as_str().expect("a text").to_owned(),
            id: profile["id"].as_i64().expect("an id"),
            profile,
        }
    }

    /// A failure with that message and HTTP status 200.
    #[track_caller]
    pub fn failed(&self, msg: &str) {
        self.failed_with(200, msg);
    }

    /// A failure with that HTTP status and message.
    #[track_caller]
    pub fn failed_with(&self, status: u16, msg: &str) {
        assert_eq!((self.status, &self.body), (status, &json!({"code": 0, "msg": msg})), "{}", self.text);
    }

    /// The failure of an autologin, with the code that is a text.
    #[track_caller]
    pub fn not_resumed(&self, msg: &str) {
        assert_eq!((self.status, &self.body), (200, &json!({"code": "-1002", "msg": msg})), "{}", self.text);
    }
}
