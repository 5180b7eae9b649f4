use reqwest::RequestBuilder;
use serde::Deserialize;

use super::{
    api::{Api, Call},
    errcode::{App, code_outcome},
    error::CallError,
    response::{Number, access_token, openid, success, unionid},
};
use crate::types::Secret;

/// `oauth2/access_token`: exchanges a code of the consent page.
pub(super) struct ExchangeOAuthCode<'a> {
    pub(super) code: &'a str,
}

pub(super) struct OAuthToken {
    /// Valid for the profile of this user only.
    pub(super) access_token: Secret,
    pub(super) openid: String,
    pub(super) unionid: Option<String>,
    /// Whether the user allowed access to the profile.
    pub(super) has_profile: bool,
}

#[derive(Deserialize)]
struct Response {
    access_token: Option<Secret>,
    openid: Option<String>,
    unionid: Option<String>,
    scope: Option<String>,
    is_snapshotuser: Option<Number>,
}

impl Call for ExchangeOAuthCode<'_> {
    const NAME: &'static str = "oauth2/access_token";
    const SPENDS_CODE: bool = true;
    type Output = OAuthToken;

    fn request(&self, api: &Api) -> Result<RequestBuilder, CallError> {
        let official = api.official.as_ref().ok_or(CallError::NoOfficialAccount)?;
        Ok(api.get("sns/oauth2/access_token").query(&[
            ("appid", official.appid.as_str()),
            ("secret", official.secret.expose()),
            ("code", self.code),
            ("grant_type", "authorization_code"),
        ]))
    }

    fn parse(&self, body: &[u8]) -> Result<OAuthToken, CallError> {
        let response: Response = success(body, |errcode| code_outcome(errcode, App::Official))?;
        match response.is_snapshotuser.map(Number::value) {
            None | Some(Some(0)) => {}
            Some(Some(_)) => return Err(CallError::SnapshotUser),
            Some(None) => return Err(CallError::Unreadable("no usable is_snapshotuser")),
        }
        let scope = response.scope.unwrap_or_default();
        Ok(OAuthToken {
            access_token: access_token(response.access_token)?,
            openid: openid(response.openid)?,
            unionid: unionid(response.unionid)?,
            has_profile: scope.split([',', ' ']).any(|scope| scope == "snsapi_userinfo"),
        })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(crate) const EXAMPLE: &str = r#"{"access_token":"68_visit-1","expires_in":7200,"refresh_token":"68_r","openid":"oUser-1","scope":"snsapi_userinfo","unionid":"uUser_1"}"#;

    pub(crate) fn parse(body: impl AsRef<[u8]>) -> Result<OAuthToken, CallError> {
        ExchangeOAuthCode { code: "" }.parse(body.as_ref())
    }

    fn seen(body: impl AsRef<[u8]>) -> String {
        match parse(body) {
            Ok(OAuthToken { access_token, openid, unionid, has_profile }) => {
                format!("{openid} {} {} {has_profile}", unionid.as_deref().unwrap_or("-"), access_token.expose())
            }
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn tokens_are_read_as_wechat_writes_them() {
        let token = |more: &str| seen(format!(r#"{{"access_token":"t","openid":"o1"{more}}}"#));
        assert_eq!(seen(EXAMPLE), "oUser-1 uUser_1 68_visit-1 true");
        for (more, expected) in [
            (r#","scope":"snsapi_userinfo""#, "o1 - t true"),
            (r#","scope":"snsapi_base,snsapi_userinfo","is_snapshotuser":0"#, "o1 - t true"),
            (r#","scope":"snsapi_base","unionid":"""#, "o1 - t false"),
            (r#","scope":"snsapi_userinfos""#, "o1 - t false"),
            ("", "o1 - t false"),
            (r#","scope":"snsapi_userinfo","is_snapshotuser":1"#, "a snapshot user"),
            (r#","is_snapshotuser":"1""#, "a snapshot user"),
            (r#","is_snapshotuser":"yes""#, "an unusable answer: no usable is_snapshotuser"),
            (r#","unionid":"u 1""#, "an unusable answer: no usable unionid"),
            (r#","scope":["snsapi_userinfo"]"#, "an unusable answer: JSON with fields of other types"),
        ] {
            assert_eq!(token(more), expected, "{more}");
        }
        for body in [
            r#"{"openid":"o1"}"#,
            r#"{"openid":"o1","access_token":""}"#,
            r#"{"access_token":"t"}"#,
            r#"{"access_token":"t","openid":""}"#,
            r#"{"access_token":"t","openid":"o\u0000"}"#,
        ] {
            assert!(seen(body).starts_with("an unusable answer"), "{body}");
        }
    }
}
