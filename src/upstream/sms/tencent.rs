//! Tencent Cloud's SendSms, version 2021-01-11, signed with TC3-HMAC-SHA256. Source: "SendSms" and "Signature v3" on
//! cloud.tencent.com.

use reqwest::RequestBuilder;
use serde_json::{Value, json};

use super::{
    gateway::{Gateway, Outcome, SmsRequest},
    settings::TencentSettings,
    signing::{self, CanonicalRequest, hmac_sha256, sha256_hex},
};
use crate::{
    types::{Phone, Secret, Timestamp},
    upstream::http::HttpClient,
};

const SERVICE: &str = "sms";
const ACTION: &str = "SendSms";
const VERSION: &str = "2021-01-11";
const CONTENT_TYPE: &str = "application/json; charset=utf-8";

pub(super) struct Tencent(pub(super) TencentSettings);

impl Gateway for Tencent {
    fn name(&self) -> &'static str {
        "tencent"
    }

    fn request(&self, http: &HttpClient, sms: &SmsRequest<'_>) -> Option<RequestBuilder> {
        let TencentSettings { secret_id, secret_key, sdk_app_id, sign_name, region, templates, .. } = &self.0;
        let template = templates.of(sms.message)?;
        let payload = json!({
            "PhoneNumberSet": [e164(sms.phone)],
            "SmsSdkAppId": sdk_app_id,
            "SignName": sign_name,
            "TemplateId": template,
            "TemplateParamSet": sms.message.code().map(Secret::expose).into_iter().collect::<Vec<_>>(),
        })
        .to_string();

        let url = http.base().clone();
        let host = signing::host(&url);
        let canonical = CanonicalRequest {
            method: "POST",
            path: url.path(),
            query: "",
            headers: &[("content-type", CONTENT_TYPE), ("host", &host), ("x-tc-action", &ACTION.to_ascii_lowercase())],
            payload_hash: &sha256_hex(payload.as_bytes()),
        };
        let scope = Scope::new(sms.now, SERVICE);
        let authorization = format!(
            "TC3-HMAC-SHA256 Credential={}/{}, SignedHeaders={}, Signature={}",
            secret_id,
            scope.name(),
            canonical.signed_headers(),
            signature(secret_key, &scope, &canonical),
        );
        let request = http
            .post(url)
            .header("authorization", authorization)
            .header("content-type", CONTENT_TYPE)
            .header("x-tc-action", ACTION)
            .header("x-tc-version", VERSION)
            .header("x-tc-timestamp", sms.now)
            .header("x-tc-region", region)
            .body(payload);
        Some(request)
    }

    /// `Error` says that nothing was sent. Without it, each number has a code of its own.
    fn code(&self, body: &[u8]) -> Option<String> {
        let response: Value = serde_json::from_slice(body).ok()?;
        let response = response.get("Response")?;
        let outcome = match response.get("Error") {
            Some(error) => error,
            None => match response.get("SendStatusSet")?.as_array()?.as_slice() {
                [outcome] => outcome,
                _ => return None,
            },
        };
        Some(outcome.get("Code")?.as_str()?.to_owned())
    }

    fn outcome(&self, code: &str) -> Outcome {
        match code {
            "Ok" => Outcome::Sent,
            limit if limit.starts_with("LimitExceeded") || limit.starts_with("RequestLimitExceeded") => {
                Outcome::Throttled
            }
            // The gateway misspells the second.
            "FailedOperation.InsufficientBalanceInSmsPackage"
            | "UnauthorizedOperation.SerivceSuspendDueToArrears"
            | "UnauthorizedOperation.ServiceSuspendDueToArrears" => Outcome::OutOfMoney,
            "InvalidParameterValue.IncorrectPhoneNumber" | "FailedOperation.PhoneNumberInBlacklist" => {
                Outcome::NumberRefused
            }
            "InternalError"
            | "InternalError.OtherError"
            | "InternalError.SendAndRecvFail"
            | "InternalError.Timeout"
            | "InternalError.UnknownError" => Outcome::Unknown,
            other => what_to_check(other).map_or(Outcome::Refused, Outcome::Misconfigured),
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

/// What a signature is valid for: one service, on one UTC day.
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
