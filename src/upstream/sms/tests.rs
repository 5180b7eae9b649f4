//! What the gateways' responses mean, byte by byte.

use reqwest::StatusCode;

use super::*;
use crate::{types::Secret, upstream::mutation::mutated};

const ALIYUN: &str =
    r#"{"Message":"OK","RequestId":"F655A8D5-B967-440B-8683-DAD6FF8DE990","Code":"OK","BizId":"900619746936498440^0"}"#;
const TENCENT: &str = r#"{"Response":{"SendStatusSet":[{"SerialNo":"5000:1045710669157053657849499619","PhoneNumber":"+8613800138000","Fee":1,"SessionContext":"","Code":"Ok","Message":"send success","IsoCode":"CN"}],"RequestId":"a0aabda6-cf91-4f3e-a81f-9198114a2279"}}"#;
const SANDBOX: &str = r#"{"code":"OK","id":"2f1c"}"#;

fn gateway(gateway: GatewayKind) -> SmsGateway {
    let templates = || TemplateSettings {
        register: "1".to_owned(),
        password: "2".to_owned(),
        already_registered: String::new(),
        not_registered: String::new(),
    };
    let settings = Settings {
        gateway,
        api_base: "http://127.0.0.1:9".to_owned(),
        deadline: Duration::from_secs(8),
        connect_timeout: Duration::from_secs(2),
        max_concurrency: 1,
        aliyun: AliyunSettings {
            access_key_id: "id".to_owned(),
            access_key_secret: Secret::new("secret"),
            access_key_secret_file: String::new(),
            sign_name: "sign".to_owned(),
            templates: templates(),
        },
        tencent: TencentSettings {
            secret_id: "id".to_owned(),
            secret_key: Secret::new("secret"),
            secret_key_file: String::new(),
            sdk_app_id: "1400000001".to_owned(),
            sign_name: "sign".to_owned(),
            region: "ap-guangzhou".to_owned(),
            templates: templates(),
        },
    };
    SmsGateway::new(&settings, Clock::system(), Random::seeded(1)).expect("a gateway")
}

fn seen(gateway: &SmsGateway, status: u16, body: impl AsRef<[u8]>) -> Result<(), SmsError> {
    let status = StatusCode::from_u16(status).expect("a status");
    let outcome = gateway.0.check(Response { status, body: body.as_ref().to_vec() });
    outcome.map_err(|error| error.report("test", &Phone::stored("13800138000".into()), "register"))
}

/// What each gateway's response with `code` means.
fn means(kind: GatewayKind, code: &str) -> Result<(), SmsError> {
    let body = match kind {
        GatewayKind::Sandbox => format!(r#"{{"code":"{code}","message":"refused"}}"#),
        GatewayKind::Aliyun => format!(r#"{{"Code":"{code}","Message":"no"}}"#),
        GatewayKind::Tencent => format!(r#"{{"Response":{{"SendStatusSet":[{{"Code":"{code}"}}]}}}}"#),
    };
    seen(&gateway(kind), 200, body)
}

#[test]
fn a_message_that_was_taken_is_a_success() {
    assert_eq!(seen(&gateway(GatewayKind::Aliyun), 200, ALIYUN), Ok(()));
    assert_eq!(seen(&gateway(GatewayKind::Tencent), 200, TENCENT), Ok(()));
    assert_eq!(seen(&gateway(GatewayKind::Sandbox), 200, SANDBOX), Ok(()));
}

#[test]
fn aliyuns_codes_are_told_apart() {
    for (code, meaning) in [
        ("isv.BUSINESS_LIMIT_CONTROL", SmsError::Throttled),
        ("isv.DAY_LIMIT_CONTROL", SmsError::Throttled),
        ("isv.MONTH_LIMIT_CONTROL", SmsError::Throttled),
        ("Throttling.User", SmsError::Throttled),
        ("isv.OUT_OF_SERVICE", SmsError::OutOfMoney),
        ("isv.AMOUNT_NOT_ENOUGH", SmsError::OutOfMoney),
        ("isv.MOBILE_NUMBER_ILLEGAL", SmsError::Refused),
        ("isv.SMS_TEMPLATE_ILLEGAL", SmsError::Refused),
        ("isv.BLACK_KEY_CONTROL_LIMIT", SmsError::Refused),
        ("isv.NOBODY_KNOWS", SmsError::Refused),
        ("Ok", SmsError::Refused),
        ("isp.SYSTEM_ERROR", SmsError::Unknown),
        ("InternalError", SmsError::Unknown),
    ] {
        assert_eq!(means(GatewayKind::Aliyun, code), Err(meaning), "{code}");
    }
}

#[test]
fn tencents_codes_are_told_apart() {
    for (code, meaning) in [
        ("LimitExceeded.PhoneNumberThirtySecondLimit", SmsError::Throttled),
        ("LimitExceeded.PhoneNumberOneHourLimit", SmsError::Throttled),
        ("LimitExceeded.PhoneNumberDailyLimit", SmsError::Throttled),
        ("LimitExceeded.PhoneNumberSameContentDailyLimit", SmsError::Throttled),
        ("LimitExceeded.DeliveryFrequencyLimit", SmsError::Throttled),
        ("RequestLimitExceeded", SmsError::Throttled),
        ("FailedOperation.InsufficientBalanceInSmsPackage", SmsError::OutOfMoney),
        ("FailedOperation.PhoneNumberInBlacklist", SmsError::Refused),
        ("FailedOperation.TemplateIncorrectOrUnapproved", SmsError::Refused),
        ("NobodyKnows", SmsError::Refused),
        ("OK", SmsError::Refused),
        ("InternalError.Timeout", SmsError::Unknown),
    ] {
        assert_eq!(means(GatewayKind::Tencent, code), Err(meaning), "{code}");
    }
}

#[test]
fn the_sandbox_is_told_to_be_out_of_money_or_to_throttle_by_the_numbers_of_http() {
    for (code, meaning) in [("402", SmsError::OutOfMoney), ("429", SmsError::Throttled), ("4001", SmsError::Refused)] {
        assert_eq!(means(GatewayKind::Sandbox, code), Err(meaning), "{code}");
    }
}

#[test]
fn tencents_error_counts_more_than_whatever_stands_beside_it() {
    let tencent = gateway(GatewayKind::Tencent);
    let both = r#"{"Response":{"Error":{"Code":"AuthFailure.SignatureExpire"},"SendStatusSet":[{"Code":"Ok"}]}}"#;
    assert_eq!(seen(&tencent, 200, both), Err(SmsError::Refused));
    let error = r#"{"Response":{"Error":{"Code":"RequestLimitExceeded","Message":"..."},"RequestId":"1"}}"#;
    assert_eq!(seen(&tencent, 200, error), Err(SmsError::Throttled));
}

#[test]
fn a_status_that_denies_the_answer_is_believed() {
    for (kind, taken) in
        [(GatewayKind::Aliyun, ALIYUN), (GatewayKind::Tencent, TENCENT), (GatewayKind::Sandbox, SANDBOX)]
    {
        let gateway = gateway(kind);
        for (status, meaning) in [
            (302, SmsError::Refused),
            (400, SmsError::Refused),
            (404, SmsError::Refused),
            (429, SmsError::Throttled),
            (500, SmsError::Unknown),
            (503, SmsError::Unknown),
        ] {
            assert_eq!(seen(&gateway, status, taken), Err(meaning), "{kind:?} {status}");
            assert_eq!(seen(&gateway, status, "<html>"), Err(meaning), "{kind:?} {status}");
        }
    }
    let throttled = r#"{"Code":"Throttling.Api"}"#;
    assert_eq!(seen(&gateway(GatewayKind::Aliyun), 400, throttled), Err(SmsError::Throttled));
    assert_eq!(seen(&gateway(GatewayKind::Aliyun), 503, throttled), Err(SmsError::Unknown));
}

#[test]
fn an_answer_that_is_not_understood_may_stand_for_a_message_that_was_sent() {
    let bodies: &[&[u8]] = &[
        b"",
        b"null",
        b"[]",
        b"\"OK\"",
        b"{}",
        b"<html>",
        b"\xff\xfe",
        br#"{"Code":null,"code":null,"Response":null}"#,
        br#"{"Code":0,"code":0,"Response":{"SendStatusSet":[]}}"#,
        br#"{"Code":{},"code":[],"Response":{"SendStatusSet":[{"Code":"Ok"},{"Code":"Ok"}]}}"#,
        br#"{"Code":"","code":"","Response":{"SendStatusSet":{"Code":"Ok"}}}"#,
        br#"{"Code":"O K","code":"O\nK","Response":{"SendStatusSet":["Ok"]}}"#,
        br#"{"Code":"123456","code":"123456","Response":{"Error":{"Code":"123456"}}}"#,
        br#"{"Code":"13800138000","code":"13800138000","Response":{"Error":"Ok"}}"#,
    ];
    for kind in [GatewayKind::Aliyun, GatewayKind::Tencent, GatewayKind::Sandbox] {
        for body in bodies {
            let body = String::from_utf8_lossy(body);
            assert_eq!(seen(&gateway(kind), 200, body.as_bytes()), Err(SmsError::Unknown), "{kind:?} {body}");
        }
    }
}

#[test]
fn an_answer_that_was_cut_off_is_not_understood_wherever_the_cut_is() {
    for (kind, taken) in
        [(GatewayKind::Aliyun, ALIYUN), (GatewayKind::Tencent, TENCENT), (GatewayKind::Sandbox, SANDBOX)]
    {
        let gateway = gateway(kind);
        for cut in 0..taken.len() {
            assert_eq!(seen(&gateway, 200, &taken[..cut]), Err(SmsError::Unknown), "{kind:?} {cut}");
        }
    }
}

#[test]
fn whatever_arrives_is_a_known_success_or_no_success() {
    let random = Random::seeded(2026);
    let gateways = [GatewayKind::Aliyun, GatewayKind::Tencent, GatewayKind::Sandbox].map(gateway);
    let mut outcomes = [0; 3];
    for _ in 0..10_000 {
        let which = random.below(3) as usize;
        let body = mutated([ALIYUN, TENCENT, SANDBOX][which], 4, &random);
        match seen(&gateways[which], 200, &body) {
            Ok(()) => {
                let word = [&b"\"OK\""[..], b"\"Ok\"", b"\"OK\""][which];
                assert!(body.windows(word.len()).any(|bytes| bytes == word), "{}", String::from_utf8_lossy(&body));
                outcomes[0] += 1;
            }
            Err(SmsError::Unknown) => outcomes[1] += 1,
            Err(SmsError::Refused) => outcomes[2] += 1,
            Err(error) => panic!("{error:?}: {}", String::from_utf8_lossy(&body)),
        }
    }
    assert!(outcomes.iter().all(|count| *count > 0), "the mutations reach every outcome: {outcomes:?}");
}
