//! Tencent Cloud's SendSms, version 2021-01-11, signed with TC3-HMAC-SHA256. Source: "SendSms" and "Signature v3" on
//! cloud.tencent.com.

use reqwest::RequestBuilder;
use serde_json::{Value, json};
use url::Url;

use crate::{
    types::{Phone, Secret, Timestamp},
    upstream::http::HttpClient,
};

use super::{
    TemplateSettings, TencentSettings,
    gateway::{Errand, Gateway, Meaning},
    signing::{self, CanonicalRequest, hmac_sha256, sha256_hex},
};

const SERVICE: &str = "sms";
const ACTION: &str = "SendSms";
const VERSION: &str = "2021-01-11";
const CONTENT_TYPE: &str = "application/json; charset=utf-8";

pub(super) struct Tencent {
    url: Url,
    secret_id: String,
    secret_key: Secret,
    sdk_app_id: String,
    sign_name: String,
    region: String,
    templates: TemplateSettings,
}

impl Tencent {
    pub(super) fn new(url: Url, settings: &TencentSettings) -> Self {
        let TencentSettings { secret_id, secret_key, sdk_app_id, sign_name, region, templates, .. } = settings;
        Self {
            url,
            secret_id: secret_id.clone(),
            secret_key: secret_key.clone(),
            sdk_app_id: sdk_app_id.clone(),
            sign_name: sign_name.clone(),
            region: region.clone(),
            templates: templates.clone(),
        }
    }
}

impl Gateway for Tencent {
    fn name(&self) -> &'static str {
        "tencent"
    }

    fn request(&self, http: &HttpClient, errand: &Errand<'_>) -> Option<RequestBuilder> {
        let template = self.templates.of(errand.message)?;
        let payload = json!({
            "PhoneNumberSet": [e164(errand.phone)],
            "SmsSdkAppId": self.sdk_app_id,
            "SignName": self.sign_name,
            "TemplateId": template,
            "TemplateParamSet": errand.message.code().map(Secret::expose).into_iter().collect::<Vec<_>>(),
        })
        .to_string();

        let host = signing::host(&self.url);
        let canonical = CanonicalRequest {
            method: "POST",
            path: self.url.path(),
            query: "",
            headers: &[("content-type", CONTENT_TYPE), ("host", &host), ("x-tc-action", &ACTION.to_ascii_lowercase())],
            payload_hash: &sha256_hex(payload.as_bytes()),
        };
        let scope = Scope::new(errand.now, SERVICE);
        let authorization = format!(
            "TC3-HMAC-SHA256 Credential={}/{}, SignedHeaders={}, Signature={}",
            self.secret_id,
            scope.name(),
            canonical.signed_headers(),
            signature(&self.secret_key, &scope, &canonical),
        );
        let request = http
            .post(self.url.clone())
            .header("authorization", authorization)
            .header("content-type", CONTENT_TYPE)
            .header("x-tc-action", ACTION)
            .header("x-tc-version", VERSION)
            .header("x-tc-timestamp", errand.now)
            .header("x-tc-region", &self.region)
            .body(payload);
        Some(request)
    }

    /// Beside `Error`, which says that nothing was sent, each number has a code of its own.
    fn code(&self, body: &[u8]) -> Option<String> {
        let answer: Value = serde_json::from_slice(body).ok()?;
        let response = answer.get("Response")?;
        let outcome = match response.get("Error") {
            Some(error) => error,
            None => match response.get("SendStatusSet")?.as_array()?.as_slice() {
                [outcome] => outcome,
                _ => return None,
            },
        };
        Some(outcome.get("Code")?.as_str()?.to_owned())
    }

    fn meaning(&self, code: &str) -> Meaning {
        match code {
            "Ok" => Meaning::Sent,
            limit if limit.starts_with("LimitExceeded") || limit.starts_with("RequestLimitExceeded") => {
                Meaning::Throttled
            }
            // The second is misspelt by the gateway.
            "FailedOperation.InsufficientBalanceInSmsPackage"
            | "UnauthorizedOperation.SerivceSuspendDueToArrears"
            | "UnauthorizedOperation.ServiceSuspendDueToArrears" => Meaning::OutOfMoney,
            "InvalidParameterValue.IncorrectPhoneNumber" | "FailedOperation.PhoneNumberInBlacklist" => {
                Meaning::NumberRefused
            }
            "InternalError"
            | "InternalError.OtherError"
            | "InternalError.SendAndRecvFail"
            | "InternalError.Timeout"
            | "InternalError.UnknownError" => Meaning::Unclear,
            other => what_to_check(other).map_or(Meaning::Refused, Meaning::Misconfigured),
        }
    }
}

fn what_to_check(code: &str) -> Option<&'static str> {
    Some(match code {
        "AuthFailure.SignatureExpire" | "InternalError.RequestTimeException" => "the clock of this machine",
        "AuthFailure.SecretIdNotFound" => "sms.tencent.secret_id",
        "AuthFailure.SignatureFailure" | "InternalError.SigVerificationFail" => "sms.tencent.secret_key",
        key if key.starts_with("AuthFailure") => "sms.tencent.secret_id, sms.tencent.secret_key and their permissions",
        "FailedOperation.SignatureIncorrectOrUnapproved" => "sms.tencent.sign_name",
        template if template.starts_with("FailedOperation.Template") => {
            "sms.tencent.templates: a template for a code has one variable"
        }
        "UnauthorizedOperation.SmsSdkAppIdVerifyFail" | "InvalidParameterValue.SdkAppIdNotExist" => {
            "sms.tencent.sdk_app_id"
        }
        "UnsupportedRegion" => "sms.tencent.region",
        denied if denied.starts_with("UnauthorizedOperation") => "the permissions of sms.tencent.secret_id",
        _ => return None,
    })
}

/// A number with its country code, as E.164 has it.
fn e164(phone: &Phone) -> String {
    match phone.as_str() {
        foreign if foreign.starts_with('+') => foreign.to_owned(),
        mainland => format!("+86{mainland}"),
    }
}

/// What a signature is good for: one service, on one day of UTC.
struct Scope<'a> {
    timestamp: Timestamp,
    date: String,
    service: &'a str,
}

impl<'a> Scope<'a> {
    fn new(timestamp: Timestamp, service: &'a str) -> Self {
        let mut date = signing::rfc3339(timestamp);
        date.truncate("2026-11-05".len());
        Self { timestamp, date, service }
    }

    fn name(&self) -> String {
        format!("{}/{}/tc3_request", self.date, self.service)
    }
}

/// The TC3-HMAC-SHA256 signature, in hexadecimal digits.
fn signature(secret: &Secret, scope: &Scope<'_>, request: &CanonicalRequest<'_>) -> String {
    let text = format!("TC3-HMAC-SHA256\n{}\n{}\n{}", scope.timestamp, scope.name(), request.hash());
    let day = hmac_sha256(format!("TC3{}", secret.expose()).as_bytes(), &scope.date);
    let service = hmac_sha256(day.as_ref(), scope.service);
    let key = hmac_sha256(service.as_ref(), "tc3_request");
    hex::encode(hmac_sha256(key.as_ref(), &text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_example_gets_its_published_signature() {
        let payload = r#"{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}"#;
        let request = CanonicalRequest {
            method: "POST",
            path: "/",
            query: "",
            headers: &[
                ("content-type", "application/json; charset=utf-8"),
                ("host", "cvm.tencentcloudapi.com"),
                ("x-tc-action", "describeinstances"),
            ],
            payload_hash: &sha256_hex(payload.as_bytes()),
        };
        let scope = Scope::new(1_551_113_065, "cvm");
        assert_eq!(scope.name(), "2019-02-25/cvm/tc3_request");
        assert_eq!(
            signature(&Secret::new("*".repeat(32)), &scope, &request),
            "10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f"
        );
    }

    #[test]
    fn a_number_is_written_with_its_country_code() {
        assert_eq!(e164(&Phone::stored("13800138000".into())), "+8613800138000");
        assert_eq!(e164(&Phone::stored("+85291234567".into())), "+85291234567");
    }
}
