use reqwest::RequestBuilder;
use serde::Deserialize;

use super::{
    api::{Api, Call},
    errcode::{App, code_outcome},
    error::CallError,
    response::{is_visible, openid, success, unionid},
};
use crate::types::Secret;

/// In bytes. WeChat documents 24.
const MAX_SESSION_KEY: usize = 512;

/// `jscode2session`: exchanges a login code of `wx.login`.
pub(super) struct Code2Session<'a> {
    pub(super) code: &'a str,
}

/// A user of the mini program.
#[derive(Clone)]
pub struct WechatSession {
    /// The user's id within the mini program.
    pub openid: String,
    /// The user's id within all apps of one owner; absent when the mini program is bound to no open platform.
    pub unionid: Option<String>,
    pub session_key: Secret,
}

#[derive(Deserialize)]
struct Response {
    openid: Option<String>,
    unionid: Option<String>,
    session_key: Option<Secret>,
}

impl Call for Code2Session<'_> {
    const NAME: &'static str = "jscode2session";
    const SPENDS_CODE: bool = true;
    type Output = WechatSession;

    fn request(&self, api: &Api) -> Result<RequestBuilder, CallError> {
        Ok(api.get("sns/jscode2session").query(&[
            ("appid", api.mini.appid.as_str()),
            ("secret", api.mini.secret.expose()),
            ("js_code", self.code),
            ("grant_type", "authorization_code"),
        ]))
    }

    fn parse(&self, body: &[u8]) -> Result<WechatSession, CallError> {
        let response: Response = success(body, |errcode| code_outcome(errcode, App::Mini))?;
        let session_key = response.session_key.filter(|key| is_visible(key.expose(), MAX_SESSION_KEY));
        Ok(WechatSession {
            openid: openid(response.openid)?,
            unionid: unionid(response.unionid)?,
            session_key: session_key.ok_or(CallError::Unreadable("no usable session_key"))?,
        })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(crate) const EXAMPLE: &str = r#"{"session_key":"a2V5LTE=","openid":"oUser-1","unionid":"uUser_1"}"#;

    pub(crate) fn parse(body: impl AsRef<[u8]>) -> Result<WechatSession, CallError> {
        Code2Session { code: "" }.parse(body.as_ref())
    }

    /// What was read, in one line that a table can name.
    fn seen(body: impl AsRef<[u8]>) -> String {
        match parse(body) {
            Ok(WechatSession { openid, unionid, session_key }) => {
                format!("{openid} {} {}", unionid.as_deref().unwrap_or("-"), session_key.expose())
            }
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn sessions_are_read_as_wechat_writes_them() {
        for (body, expected) in [
            (EXAMPLE, "oUser-1 uUser_1 a2V5LTE="),
            (r#"{"openid":"o1","session_key":"k"}"#, "o1 - k"),
            (r#"{"openid":"o1","session_key":"k","unionid":""}"#, "o1 - k"),
            (r#"{"openid":"o1","session_key":"k","unionid":null,"errcode":null}"#, "o1 - k"),
            (r#"{"errcode":0,"errmsg":"ok","openid":"o1","session_key":"k","new":{"a":[1]}}"#, "o1 - k"),
            (r#"{"errcode":"0","openid":"o1","session_key":"k"}"#, "o1 - k"),
            (" \r\n{\"openid\":\"o1\",\"session_key\":\"k\"}\n", "o1 - k"),
            ("\u{feff}{\"openid\":\"o1\",\"session_key\":\"k\"}", "o1 - k"),
        ] {
            assert_eq!(seen(body), expected, "{body}");
        }
    }

    #[test]
    fn a_session_without_usable_names_is_none() {
        let long = "o".repeat(65);
        let long_key = "k".repeat(513);
        for (body, expected) in [
            (r#"{"openid":"o1"}"#.to_owned(), "no usable session_key"),
            (r#"{"openid":"o1","session_key":""}"#.to_owned(), "no usable session_key"),
            (format!(r#"{{"openid":"o1","session_key":"{long_key}"}}"#), "no usable session_key"),
            (r#"{"session_key":"k"}"#.to_owned(), "no usable openid"),
            (r#"{"openid":"","session_key":"k"}"#.to_owned(), "no usable openid"),
            (r#"{"openid":"o 1","session_key":"k"}"#.to_owned(), "no usable openid"),
            (r#"{"openid":"o\n1","session_key":"k"}"#.to_owned(), "no usable openid"),
            (r#"{"openid":"用户","session_key":"k"}"#.to_owned(), "no usable openid"),
            (format!(r#"{{"openid":"{long}","session_key":"k"}}"#), "no usable openid"),
            (format!(r#"{{"openid":"o1","session_key":"k","unionid":"{long}"}}"#), "no usable unionid"),
            (r#"{"openid":1,"session_key":"k"}"#.to_owned(), "fields of other types"),
            (r#"{"openid":"o1","session_key":{"a":1}}"#.to_owned(), "fields of other types"),
        ] {
            assert!(seen(&body).contains(expected), "{body}: {}", seen(&body));
        }
        assert!(seen(b"{\"openid\":\"\xb0\xa1\",\"session_key\":\"k\"}").starts_with("an unusable answer"));
    }
}
