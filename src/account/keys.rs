use aws_lc_rs::{
    digest::{SHA256, digest},
    hkdf::{HKDF_SHA256, KeyType, Salt},
};

use crate::types::Secret;

/// The root secrets, from which every key is derived: the current one, which signs and encrypts, and earlier ones,
/// which only verify. The configuration checks their length.
pub struct KeySettings {
    pub current: Secret,
    pub previous: Vec<Secret>,
}

impl KeySettings {
    /// The shortest root secret that is accepted.
    pub const MIN_BYTES: usize = 32;

    /// The keys for one purpose, the current one first; they are of no use for any other.
    pub(super) fn derive(&self, purpose: &str) -> Vec<[u8; 32]> {
        std::iter::once(&self.current).chain(&self.previous).map(|root| derive(root, purpose)).collect()
    }
}

/// HKDF-SHA256 (RFC 5869).
fn derive(root: &Secret, purpose: &str) -> [u8; 32] {
    let pseudorandom = Salt::new(HKDF_SHA256, b"passport").extract(root.expose().as_bytes());
    let mut key = [0; 32];
    pseudorandom
        .expand(&[purpose.as_bytes()], KeyLength)
        .and_then(|material| material.fill(&mut key))
        .expect("HKDF-SHA256 can give 32 bytes");
    key
}

struct KeyLength;

impl KeyType for KeyLength {
    fn len(&self) -> usize {
        32
    }
}

/// SHA-256 in hexadecimal digits: enough for values that cannot be guessed.
pub(super) fn sha256_hex(text: &str) -> String {
    hex::encode(digest(&SHA256, text.as_bytes()))
}
