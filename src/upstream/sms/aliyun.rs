//! Aliyun's SendSms, version 2017-05-25, signed with ACS3-HMAC-SHA256. Source: "SendSms" and "V3 request syntax and
//! signature mechanism" on help.aliyun.com.

use reqwest::RequestBuilder;
use serde_json::{Value, json};
use url::Url;

use crate::{types::Secret, upstream::http::HttpClient};

use super::{
    AliyunSettings, TemplateSettings,
    gateway::{Errand, Gateway, Meaning},
    signing::{self, CanonicalRequest, hmac_sha256, sha256_hex},
};

const ACTION: &str = "SendSms";
const VERSION: &str = "2017-05-25";

pub(super) struct Aliyun {
    url: Url,
    access_key_id: String,
    access_key_secret: Secret,
    sign_name: String,
    templates: TemplateSettings,
}

impl Aliyun {
    pub(super) fn new(url: Url, settings: &AliyunSettings) -> Self {
        let AliyunSettings { access_key_id, access_key_secret, sign_name, templates, .. } = settings;
        Self {
            url,
            access_key_id: access_key_id.clone(),
            access_key_secret: access_key_secret.clone(),
            sign_name: sign_name.clone(),
            templates: templates.clone(),
        }
    }
}

impl Gateway for Aliyun {
    fn name(&self) -> &'static str {
        "aliyun"
    }

    fn request(&self, http: &HttpClient, errand: &Errand<'_>) -> Option<RequestBuilder> {
        let template = self.templates.of(errand.message)?;
        // A mainland number stands alone; a foreign one begins with its country code, without a plus sign.
        let number = errand.phone.as_str().trim_start_matches('+');
        let mut parameters = vec![("PhoneNumbers", number), ("SignName", &self.sign_name), ("TemplateCode", template)];
        let variables = errand.message.code().map(|code| json!({ "code": code.expose() }).to_string());
        if let Some(variables) = &variables {
            parameters.push(("TemplateParam", variables));
        }
        let query = canonical_query(&mut parameters);

        let (host, date) = (signing::host(&self.url), signing::rfc3339(errand.now));
        let payload_hash = sha256_hex(b"");
        let headers = [
            ("host", host.as_str()),
            ("x-acs-action", ACTION),
            ("x-acs-content-sha256", &payload_hash),
            ("x-acs-date", &date),
            ("x-acs-signature-nonce", &errand.nonce),
            ("x-acs-version", VERSION),
        ];
        let canonical = CanonicalRequest {
            method: "POST",
            path: self.url.path(),
            query: &query,
            headers: &headers,
            payload_hash: &payload_hash,
        };
        let authorization = format!(
            "ACS3-HMAC-SHA256 Credential={},SignedHeaders={},Signature={}",
            self.access_key_id,
            canonical.signed_headers(),
            signature(&self.access_key_secret, &canonical),
        );

        let mut url = self.url.clone();
        url.set_query(Some(&query));
        let request = http.post(url).header("authorization", authorization);
        // The first is the host, which the client writes from the address.
        Some(headers[1..].iter().fold(request, |request, (name, value)| request.header(*name, *value)))
    }

    fn code(&self, body: &[u8]) -> Option<String> {
        let answer: Value = serde_json::from_slice(body).ok()?;
        Some(answer.get("Code")?.as_str()?.to_owned())
    }

    fn meaning(&self, code: &str) -> Meaning {
        match code {
            "OK" => Meaning::Sent,
            "isv.BUSINESS_LIMIT_CONTROL" | "isv.DAY_LIMIT_CONTROL" | "isv.MONTH_LIMIT_CONTROL" => Meaning::Throttled,
            throttled if throttled.starts_with("Throttling") => Meaning::Throttled,
            "isv.OUT_OF_SERVICE" | "isv.AMOUNT_NOT_ENOUGH" => Meaning::OutOfMoney,
            "isv.MOBILE_NUMBER_ILLEGAL" | "isv.DOMESTIC_NUMBER_NOT_SUPPORTED" => Meaning::NumberRefused,
            "isp.SYSTEM_ERROR" | "isv.SYSTEM_ERROR" | "isp.GATEWAY_ERROR" | "isp.UNKNOWN" | "InternalError"
            | "ServiceUnavailable" => Meaning::Unclear,
            other => what_to_check(other).map_or(Meaning::Refused, Meaning::Misconfigured),
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

/// Percent-encodes everything but the unreserved characters of RFC 3986.
fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
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
        assert_eq!(encode("aZ09-_.~"), "aZ09-_.~");
        assert_eq!(encode(r#"{"code":"1 *+/"}"#), "%7B%22code%22%3A%221%20%2A%2B%2F%22%7D");
        assert_eq!(encode("验"), "%E9%AA%8C");
    }
}
