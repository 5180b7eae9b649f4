use reqwest::RequestBuilder;
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::{
    api::{Api, Call},
    errcode::{App, outcome},
    error::CallError,
    oauth_token::OAuthToken,
    response::{Number, success, unionid},
};

/// In characters.
const MAX_NICKNAME: usize = 64;

/// In bytes.
const MAX_AVATAR: usize = 512;

/// `userinfo`: fetches the profile of the user to whom the token was issued.
pub(super) struct GetUserInfo<'a> {
    pub(super) token: &'a OAuthToken,
}

#[derive(Default)]
pub(super) struct UserInfo {
    pub(super) unionid: Option<String>,
    pub(super) nickname: Option<String>,
    pub(super) sex: Option<i32>,
    pub(super) avatar: Option<String>,
}

/// What users wrote about themselves may be anything: an unusable value is left out and does not fail the login.
#[derive(Deserialize)]
struct Response {
    openid: Option<String>,
    unionid: Option<String>,
    nickname: Option<Value>,
    sex: Option<Value>,
    headimgurl: Option<Value>,
}

impl Call for GetUserInfo<'_> {
    const NAME: &'static str = "userinfo";
    const SPENDS_CODE: bool = false;
    type Output = UserInfo;

    fn request(&self, api: &Api) -> Result<RequestBuilder, CallError> {
        let OAuthToken { access_token, openid, .. } = self.token;
        let query = [("access_token", access_token.expose()), ("openid", openid), ("lang", "zh_CN")];
        Ok(api.get("sns/userinfo").query(&query))
    }

    fn parse(&self, body: &[u8]) -> Result<UserInfo, CallError> {
        let response: Response = success(body, |errcode| outcome(errcode, App::Official))?;
        if response.openid.as_ref() != Some(&self.token.openid) {
            return Err(CallError::Unreadable("no usable openid"));
        }
        Ok(UserInfo {
            unionid: unionid(response.unionid)?,
            nickname: response.nickname.as_ref().and_then(Value::as_str).and_then(nickname),
            sex: response.sex.and_then(|sex| serde_json::from_value(sex).ok()).and_then(sex),
            avatar: response
                .headimgurl
                .as_ref()
                .and_then(Value::as_str)
                .filter(|url| is_avatar(url))
                .map(str::to_owned),
        })
    }
}

fn nickname(nickname: &str) -> Option<String> {
    let nickname = nickname.trim();
    let is_valid = (1..=MAX_NICKNAME).contains(&nickname.chars().count()) && !nickname.contains(char::is_control);
    is_valid.then(|| nickname.to_owned())
}

fn sex(sex: Number) -> Option<i32> {
    sex.value().and_then(|sex| i32::try_from(sex).ok()).filter(|sex| (0..=2).contains(sex))
}

fn is_avatar(url: &str) -> bool {
    url.len() <= MAX_AVATAR && Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::types::Secret;

    pub(crate) const EXAMPLE: &str = r#"{"openid":"oUser-1","nickname":"安娜","sex":2,"language":"","city":"","province":"","country":"","headimgurl":"https://thirdwx.qlogo.cn/mmopen/1/132","privilege":[],"unionid":"uUser_1"}"#;

    /// Reads the profile of the user whose openid is `oUser-1`.
    pub(crate) fn parse(body: impl AsRef<[u8]>) -> Result<UserInfo, CallError> {
        let (access_token, openid) = (Secret::new("t"), "oUser-1".to_owned());
        let token = OAuthToken { access_token, openid, unionid: None, has_profile: true };
        GetUserInfo { token: &token }.parse(body.as_ref())
    }

    fn seen(body: impl AsRef<[u8]>) -> String {
        match parse(body) {
            Ok(UserInfo { unionid, nickname, sex, avatar }) => {
                let sex = sex.map(|sex| sex.to_string());
                [unionid, nickname, sex, avatar].map(|text| text.unwrap_or_else(|| "-".to_owned())).join(" ")
            }
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_profile_is_taken_as_far_as_it_is_of_use_and_only_the_users_own() {
        assert_eq!(seen(EXAMPLE), "uUser_1 安娜 2 https://thirdwx.qlogo.cn/mmopen/1/132");
        let profile = |more: &str| seen(format!(r#"{{"openid":"oUser-1"{more}}}"#));
        let longest = "娜".repeat(64);
        assert_eq!(profile(&format!(r#","nickname":"{longest}""#)), format!("- {longest} - -"));
        for (more, expected) in [
            (r#","nickname":" 安娜 ","sex":"1""#, "- 安娜 1 -"),
            (r#","sex":0,"headimgurl":"http://a.example/b""#, "- - 0 http://a.example/b"),
            ("", "- - - -"),
            (r#","nickname":"","sex":3,"headimgurl":"""#, "- - - -"),
            (r#","nickname":7,"sex":[],"headimgurl":{}"#, "- - - -"),
            (r#","nickname":"a\nb","sex":-1,"headimgurl":"javascript:x""#, "- - - -"),
            (&format!(r#","nickname":"{longest}娜""#), "- - - -"),
            (&format!(r#","headimgurl":"https://a.example/{}""#, "b".repeat(512)), "- - - -"),
            (r#","unionid":"u 1""#, "an unusable answer: no usable unionid"),
        ] {
            assert_eq!(profile(more), expected, "{more}");
        }
        for body in [r#"{"nickname":"安娜"}"#, r#"{"openid":"oUser-2","nickname":"安娜"}"#] {
            assert_eq!(seen(body), "an unusable answer: no usable openid", "{body}");
        }
    }
}
