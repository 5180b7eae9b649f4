//! Aliyun's SendSms, version 2017-05-25, signed with ACS3-HMAC-SHA256. Source: "SendSms" and "V3 request syntax and
//! signature mechanism" on help.aliyun.com.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};
use reqwest::RequestBuilder;
use serde_json::{Value, json};

use super::{
    gateway::{Gateway, Outcome, SmsRequest},
    settings::AliyunSettings,
    signing::{self, CanonicalRequest, hmac_sha256, sha256_hex},
};
use crate::{types::Secret, upstream::http::HttpClient};

const ACTION: &str = "SendSms";
const VERSION: &str = "2017-05-25";

/// Everything but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

pub(super) struct Aliyun(pub(super) AliyunSettings);

impl Gateway for Aliyun {
    fn name(&self) -> &'static str {
        "aliyun"
    }

    fn request(&self, http: &HttpClient, sms: &SmsRequest<'_>) -> Option<RequestBuilder> {
        let AliyunSettings { access_key_id, access_key_secret, sign_name, templates, .. } = &self.0;
        let template = templates.of(sms.message)?;
        // A mainland number has no country code; a foreign one begins with it, without a plus sign.
        let number = sms.phone.as_str().trim_start_matches('+');
        let mut parameters = vec![("PhoneNumbers", number), ("SignName", sign_name), ("TemplateCode", template)];
        let variables = sms.message.code().map(|code| json!({ "code": code.expose() }).to_string());
        if let Some(variables) = &variables {
            parameters.push(("TemplateParam", variables));
        }
        let query = canonical_query(&mut parameters);

        let mut url = http.base().clone();
        let (host, date) = (signing::host(&url), signing::rfc3339(sms.now));
        let payload_hash = sha256_hex(b"");
        let headers = [
            ("host", host.as_str()),
            ("x-acs-action", ACTION),
            ("x-acs-content-sha256", &payload_hash),
            ("x-acs-date", &date),
            ("x-acs-signature-nonce", &sms.nonce),
            ("x-acs-version", VERSION),
        ];
        let canonical = CanonicalRequest {
            method: "POST",
            path: url.path(),
            query: &query,
            headers: &headers,
            payload_hash: &payload_hash,
        };
        let authorization = format!(
            "ACS3-HMAC-SHA256 Credential={},SignedHeaders={},Signature={}",
            access_key_id,
            canonical.signed_headers(),
            signature(access_key_secret, &canonical),
        );

        url.set_query(Some(&query));
        let request = http.post(url).header("authorization", authorization);
        // Without the host, which the client itself takes from the URL.
        Some(headers[1..].iter().fold(request, |request, (name, value)| request.header(*name, *value)))
    }

    fn code(&self, body: &[u8]) -> Option<String> {
        let response: Value = serde_json::from_slice(body).ok()?;
        Some(response.get("Code")?.as_str()?.to_owned())
    }

    fn outcome(&self, code: &str) -> Outcome {
        match code {
            "OK" => Outcome::Sent,
            "isv.BUSINESS_LIMIT_CONTROL" | "isv.DAY_LIMIT_CONTROL" | "isv.MONTH_LIMIT_CONTROL" => Outcome::Throttled,
            throttled if throttled.starts_with("Throttling") => Outcome::Throttled,
            "isv.OUT_OF_SERVICE" | "isv.AMOUNT_NOT_ENOUGH" => Outcome::OutOfMoney,
            "isv.MOBILE_NUMBER_ILLEGAL" | "isv.DOMESTIC_NUMBER_NOT_SUPPORTED" => Outcome::NumberRefused,
            "isp.SYSTEM_ERROR" | "isv.SYSTEM_ERROR" | "isp.GATEWAY_ERROR" | "isp.UNKNOWN" | "InternalError"
            | "ServiceUnavailable" => Outcome::Unknown,
            other => what_to_check(other).map_or(Outcome::Refused, Outcome::Misconfigured),
        }
    }
}

fn what_to_check(code: &str) -> Option<&'static str> {
    Some(match code {
        "SignatureDoesNotMatch" | "IncompleteSignature" => "sms.aliyun.access_key_secret",
        key if key.starts_with("InvalidAccessKeyId") => "sms.aliyun.access_key_id",
        time if time.starts_with("InvalidTimeStamp") => "the clock of this machine",
        "isp.RAM_PERMISSION_DENY" | "NoPermission" => "the permissions of sms.aliyun.access_key_id",
        denied if denied.starts_with("Forbidden") => "the permissions of sms.aliyun.access_key_id",
        "isv.SMS_SIGNATURE_ILLEGAL" | "isv.SMS_SIGN_ILLEGAL" | "isv.SIGN_NAME_ILLEGAL" => "sms.aliyun.sign_name",
        "isv.SMS_TEMPLATE_ILLEGAL" | "isv.TEMPLATE_MISSING_PARAMETERS" | "isv.TEMPLATE_PARAMS_ILLEGAL" => {
            "sms.aliyun.templates: a template for a code has one variable, named code"
        }
        "isv.PRODUCT_UN_SUBSCRIPT" | "isv.PRODUCT_UNSUBSCRIBE" | "isv.ACCOUNT_NOT_EXISTS" | "isv.ACCOUNT_ABNORMAL" => {
            "the state of the account: it has no SMS service"
        }
        _ => return None,
    })
}

/// The ACS3-HMAC-SHA256 signature, in hexadecimal digits.
fn signature(secret: &Secret, request: &CanonicalRequest<'_>) -> String {
    let text = format!("ACS3-HMAC-SHA256\n{}", request.hash());
    hex::encode(hmac_sha256(secret.expose().as_bytes(), &text))
}

/// The parameters sorted by name, as they are signed and sent.
fn canonical_query(parameters: &mut [(&str, &str)]) -> String {
    parameters.sort_unstable();
    let encoded: Vec<_> =
        parameters.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    encoded.join("&")
}

fn encode(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, RESERVED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_example_gets_its_published_signature() {
        let mut parameters =
            [("RegionId", "cn-shanghai"), ("ImageId", "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd")];
        let payload_hash = sha256_hex(b"");
        let headers = [
            ("host", "ecs.cn-shanghai.aliyuncs.com"),
            ("x-acs-action", "RunInstances"),
            ("x-acs-content-sha256", &payload_hash),
            ("x-acs-date", &signing::rfc3339(1_698_315_752)),
            ("x-acs-signature-nonce", "3156853299f313e23d1673dc12e1703d"),
            ("x-acs-version", "2014-05-26"),
        ];
        let query = canonical_query(&mut parameters);
        let request = CanonicalRequest {
            method: "POST",
            path: "/",
            query: &query,
            headers: &headers,
            payload_hash: &payload_hash,
        };
        assert_eq!(
            signature(&Secret::new("YourAccessKeySecret"), &request),
            "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
        );
    }

    #[test]
    fn everything_but_the_unreserved_characters_is_encoded() {
        assert_eq!(encode("aZ09-_.~").to_string(), "aZ09-_.~");
        assert_eq!(encode(r#"{"code":"1 *+/"}"#).to_string(), "%7B%22code%22%3A%221%20%2A%2B%2F%22%7D");
        assert_eq!(encode("验").to_string(), "%E9%AA%8C");
    }
}
