use reqwest::RequestBuilder;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    access_token::AccessTokens,
    api::{Api, Call},
    errcode::{App, Outcome, code_outcome},
    error::{CallError, WechatError},
    response::{Number, success},
};
use crate::types::{Phone, Secret};

/// `getuserphonenumber`: exchanges a code of the `getPhoneNumber` button.
pub(super) struct GetPhoneNumber<'a> {
    pub(super) access_tokens: &'a AccessTokens,
    /// Our mini program, to which the number must have been given.
    pub(super) appid: &'a str,
    pub(super) code: &'a str,
    /// If set, WeChat checks that the code is this user's.
    pub(super) openid: Option<&'a str>,
}

#[derive(Deserialize)]
struct Response {
    phone_info: PhoneInfo,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PhoneInfo {
    pure_phone_number: String,
    country_code: Number,
    watermark: Watermark,
}

#[derive(Deserialize)]
struct Watermark {
    appid: String,
}

impl Call for GetPhoneNumber<'_> {
    const NAME: &'static str = "getuserphonenumber";
    const SPENDS_CODE: bool = true;
    type Output = Phone;

    fn request(&self, api: &Api) -> Result<RequestBuilder, CallError> {
        let mut body = json!({ "code": self.code });
        if let Some(openid) = self.openid {
            body["openid"] = Value::from(openid);
        }
        Ok(api.post("wxa/business/getuserphonenumber").json(&body))
    }

    fn parse(&self, body: &[u8]) -> Result<Phone, CallError> {
        parse(body, self.appid)
    }

    async fn access_token(&self) -> Result<Option<Secret>, WechatError> {
        self.access_tokens.get().await.map(Some)
    }

    fn discard_access_token(&self, refused: &Secret) {
        self.access_tokens.discard(refused);
    }
}

fn parse(body: &[u8], appid: &str) -> Result<Phone, CallError> {
    let Response { phone_info } = success(body, outcome)?;
    if phone_info.watermark.appid != appid {
        return Err(CallError::AnotherApp);
    }
    let country_code = match phone_info.country_code {
        Number::Number(code) => code.to_string(),
        Number::Text(code) => code,
    };
    Phone::international(&country_code, &phone_info.pure_phone_number)
        .ok_or(CallError::Unreadable("no usable phone number"))
}

fn outcome(errcode: i64) -> Outcome {
    match errcode {
        // The openid is not that of the code's user.
        40003 => Outcome::CodeInvalid,
        40001 | 40014 | 42001 => Outcome::AccessTokenStale,
        _ => code_outcome(errcode, App::Mini),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(crate) const EXAMPLE: &str = r#"{"errcode":0,"errmsg":"ok","phone_info":{"phoneNumber":"13800138000","purePhoneNumber":"13800138000","countryCode":86,"watermark":{"timestamp":1637744274,"appid":"wx1"}}}"#;

    pub(crate) fn parse_ours(body: impl AsRef<[u8]>) -> Result<Phone, CallError> {
        parse(body.as_ref(), "wx1")
    }

    fn seen(body: impl AsRef<[u8]>) -> String {
        match parse_ours(body) {
            Ok(phone) => phone.as_str().to_owned(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn phones_are_read_with_their_country_and_only_for_our_app() {
        let phone = |number: &str, country: &str, watermark: &str| {
            seen(format!(
                r#"{{"errcode":0,"phone_info":{{"purePhoneNumber":{number},"countryCode":{country},"watermark":{watermark}}}}}"#
            ))
        };
        let ours = r#"{"timestamp":1,"appid":"wx1"}"#;
        assert_eq!(seen(EXAMPLE), "13800138000");
        assert_eq!(phone(r#""13800138000""#, r#""86""#, ours), "13800138000");
        assert_eq!(phone(r#""91234567""#, "852", ours), "+85291234567");
        assert_eq!(phone(r#""13800138000""#, "86", r#"{"appid":"wx2"}"#), "a number given to another app");
        for (number, country, watermark) in [
            (r#""""#, "86", ours),
            (r#""12345""#, "86", ours),
            ("13800138000", "86", ours),
            (r#""13800138000""#, "null", ours),
            (r#""13800138000""#, "-86", ours),
            (r#""13800138000""#, r#""""#, ours),
            (r#""13800138000""#, "86", "null"),
            (r#""13800138000""#, "86", "{}"),
        ] {
            let seen = phone(number, country, watermark);
            assert!(seen.starts_with("an unusable answer"), "{number} {country} {watermark}: {seen}");
        }
    }
}
