//! Calls of the applet dialect, and what its responses say.

use serde_json::{Value, json};

use super::{Response, Service};

/// Somebody who has just logged in.
#[derive(Clone, Debug)]
pub struct LoggedIn {
    pub token: String,
    /// The number in `applet_user_<id>`.
    pub id: i64,
    pub user_info: Value,
}

impl Service {
    pub async fn wx_login(&self, code: &str) -> Response {
        self.post_json("/applet/login/wxLogin", &json!({"code": code})).await
    }

    /// Lets a person log in with a fresh code.
    pub async fn log_in(&self, openid: &str) -> LoggedIn {
        let code = self.mint_login(openid, None).await;
        self.wx_login(&code).await.logged_in()
    }

    pub async fn get_phone_number(&self, code: &str) -> Response {
        self.post_json("/applet/login/getPhoneNumber", &json!({"code": code})).await
    }

    pub async fn bind_phone(&self, token: &str, phone_code: &str) -> Response {
        self.post_json("/applet/login/bindPhoneNumber", &json!({"token": token, "phoneCode": phone_code})).await
    }

    pub async fn refresh(&self, token: &str) -> Response {
        self.post_json("/applet/login/refreshToken", &json!({"token": token})).await
    }

    pub async fn log_out(&self, token: &str) -> Response {
        self.post_json("/applet/login/logout", &json!({"token": token})).await
    }

    pub async fn check_login(&self, token: &str) -> Response {
        self.get("/applet/login/checkLogin", &[("token", token)]).await
    }

    pub async fn user_info(&self, token: &str) -> Response {
        self.get("/applet/login/getUserInfo", &[("token", token)]).await
    }

    pub async fn update_user_info(&self, token: &str, user_info: Value) -> Response {
        self.post_json("/applet/login/updateUserInfo", &json!({"token": token, "userInfo": user_info})).await
    }

    /// The responses of every operation that takes a token. A valid token is invalid afterwards.
    pub async fn uses_of(&self, token: &str) -> Vec<Response> {
        vec![
            self.check_login(token).await,
            self.user_info(token).await,
            self.update_user_info(token, json!({"bmi": 20})).await,
            self.bind_phone(token, "phone_code_here").await,
            self.refresh(token).await,
            self.log_out(token).await,
        ]
    }
}

impl Response {
    /// The `result` of a success with that message.
    #[track_caller]
    pub fn result(&self, message: &str) -> &Value {
        assert_eq!((&self.body["success"], &self.body["message"]), (&json!(true), &json!(message)), "{}", self.text);
        &self.body["result"]
    }

    /// The `result` of a success with that message, which is a text.
    #[track_caller]
    pub fn text_result(&self, message: &str) -> String {
        self.result(message).as_str().expect("a text").to_owned()
    }

    /// Code and message.
    #[track_caller]
    pub fn verdict(&self) -> (u16, &str) {
        assert_eq!(self.body["code"], self.status, "{}", self.text);
        assert_eq!(self.body["success"], self.status == 200, "{}", self.text);
        (self.status, self.body["message"].as_str().expect("a message"))
    }

    /// A failure with that code and message.
    #[track_caller]
    pub fn refused(&self, code: u16, message: &str) {
        let expected = json!({"success": false, "message": message, "code": code, "result": null});
        assert_eq!(self.body, expected, "{}", self.text);
    }

    #[track_caller]
    pub fn logged_in(&self) -> LoggedIn {
        let result = self.result("登录成功");
        let id = result["userInfo"]["id"].as_str().and_then(|id| id.strip_prefix("applet_user_")?.parse().ok());
        LoggedIn {
            token: result["token"].as_str().expect("a token").to_owned(),
            id: id.expect("an id"),
            user_info: result["userInfo"].clone(),
        }
    }
}
