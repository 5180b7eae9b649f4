//! The signatures, computed again from the received requests.

use aws_lc_rs::{digest, hmac};

use crate::fake_upstream::Request;

fn sha256(bytes: &[u8]) -> String {
    hex::encode(digest::digest(&digest::SHA256, bytes))
}

fn hmac_sha256(key: impl AsRef<[u8]>, text: &str) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key.as_ref()), text.as_bytes())
}

fn signed_headers(request: &Request, names: &str, lowered: &str) -> String {
    names
        .split(';')
        .map(|name| {
            let value = &request.headers[name];
            let value = if name == lowered { value.to_lowercase() } else { value.clone() };
            format!("{name}:{value}\n")
        })
        .collect()
}

fn part<'a>(authorization: &'a str, name: &str) -> &'a str {
    let at = authorization.find(&format!("{name}=")).expect(name) + name.len() + 1;
    authorization[at..].split([',', ' ']).next().expect(name)
}

pub(super) fn assert_is_signed_for_aliyun(request: &Request, key_id: &str, secret: &str) {
    let authorization = &request.headers["authorization"];
    assert!(authorization.starts_with("ACS3-HMAC-SHA256 "), "{authorization}");
    assert_eq!(part(authorization, "Credential"), key_id);
    let names = part(authorization, "SignedHeaders");
    assert_eq!(
        names, "host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version",
        "everything that the cloud wants signed"
    );
    assert_eq!(request.headers["x-acs-content-sha256"], sha256(&request.raw_body));

    let mut query: Vec<&str> = request.raw_query.split('&').collect();
    query.sort_unstable();
    let canonical = format!(
        "POST\n{}\n{}\n{}\n{names}\n{}",
        request.path,
        query.join("&"),
        signed_headers(request, names, ""),
        sha256(&request.raw_body)
    );
    let text = format!("ACS3-HMAC-SHA256\n{}", sha256(canonical.as_bytes()));
    assert_eq!(part(authorization, "Signature"), hex::encode(hmac_sha256(secret, &text)));
    assert!(!request.raw_query.contains(['+', '*']), "a plus and a star are encoded otherwise: {}", request.raw_query);
}

pub(super) fn assert_is_signed_for_tencent(request: &Request, date: &str, secret_id: &str, secret_key: &str) {
    let authorization = &request.headers["authorization"];
    assert!(authorization.starts_with("TC3-HMAC-SHA256 "), "{authorization}");
    let scope = format!("{date}/sms/tc3_request");
    assert_eq!(part(authorization, "Credential"), format!("{secret_id}/{scope}"));
    let names = part(authorization, "SignedHeaders");
    assert_eq!(names, "content-type;host;x-tc-action");

    let canonical = format!(
        "POST\n{}\n{}\n{}\n{names}\n{}",
        request.path,
        request.raw_query,
        signed_headers(request, names, "x-tc-action"),
        sha256(&request.raw_body)
    );
    let timestamp = &request.headers["x-tc-timestamp"];
    let text = format!("TC3-HMAC-SHA256\n{timestamp}\n{scope}\n{}", sha256(canonical.as_bytes()));
    let key = hmac_sha256(hmac_sha256(hmac_sha256(format!("TC3{secret_key}"), date), "sms"), "tc3_request");
    assert_eq!(part(authorization, "Signature"), hex::encode(hmac_sha256(key, &text)));
}
