//! What the signatures of both clouds have in common.

use std::time::{Duration, UNIX_EPOCH};

use aws_lc_rs::{digest, hmac};

use crate::types::Timestamp;

/// The last second of the year 9999, the last that RFC 3339 can express.
const LATEST: u64 = 253_402_300_799;

/// A request in the form in which both clouds hash it.
pub(super) struct CanonicalRequest<'a> {
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    pub(super) query: &'a str,
    /// Lower-case names in ascending order, with the values as they are signed.
    pub(super) headers: &'a [(&'a str, &'a str)],
    pub(super) payload_hash: &'a str,
}

impl CanonicalRequest<'_> {
    pub(super) fn signed_headers(&self) -> String {
        self.headers.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";")
    }

    /// The SHA-256 of the request, in hexadecimal digits.
    pub(super) fn hash(&self) -> String {
        let Self { method, path, query, headers, payload_hash } = self;
        let headers: String = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        let signed_headers = self.signed_headers();
        sha256_hex(format!("{method}\n{path}\n{query}\n{headers}\n{signed_headers}\n{payload_hash}").as_bytes())
    }
}

pub(super) fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(digest::digest(&digest::SHA256, bytes))
}

pub(super) fn hmac_sha256(key: &[u8], message: &str) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message.as_bytes())
}

/// A time as `2026-11-05T08:00:00Z`.
pub(super) fn rfc3339(time: Timestamp) -> String {
    let seconds = u64::try_from(time).unwrap_or_default().min(LATEST);
    humantime::format_rfc3339_seconds(UNIX_EPOCH + Duration::from_secs(seconds)).to_string()
}

/// The value of the header `Host` of a request to `url`.
pub(super) fn host(url: &url::Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_clock_has_a_date() {
        assert_eq!(rfc3339(1_698_315_752), "2023-10-26T10:22:32Z");
        assert_eq!(rfc3339(Timestamp::MIN), "1970-01-01T00:00:00Z");
        assert_eq!(rfc3339(Timestamp::MAX), "9999-12-31T23:59:59Z");
    }

    #[test]
    fn the_host_has_its_port_unless_it_is_the_schemes_own() {
        for (url, expected) in [
            ("https://dysmsapi.aliyuncs.com/", "dysmsapi.aliyuncs.com"),
            ("https://dysmsapi.aliyuncs.com:443/", "dysmsapi.aliyuncs.com"),
            ("http://127.0.0.1:8081/", "127.0.0.1:8081"),
            ("http://[::1]:8081/", "[::1]:8081"),
        ] {
            assert_eq!(host(&url.parse().expect("a URL")), expected);
        }
    }
}
