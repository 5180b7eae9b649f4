//! The encryption of WeChat session keys at rest: AES-256-GCM, bound to the identity it belongs to.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};

use crate::{
    account::KeySettings,
    storage::IdentityKey,
    types::{Random, Secret},
};

pub(crate) struct SessionKeySeal {
    /// The current key first.
    keys: Vec<LessSafeKey>,
}

impl SessionKeySeal {
    pub(crate) fn new(keys: &KeySettings) -> Self {
        let keys = keys
            .derive("wechat session key")
            .iter()
            .map(|key| UnboundKey::new(&AES_256_GCM, key).expect("a derived key has the length of an AES-256 key"))
            .map(LessSafeKey::new)
            .collect();
        Self { keys }
    }

    /// The session key, encrypted: base64 of a random nonce and the ciphertext with its tag.
    pub(super) fn seal(&self, session_key: &Secret, key: &IdentityKey, random: &Random) -> String {
        let nonce = random.bytes::<NONCE_LEN>();
        let mut sealed = session_key.expose().as_bytes().to_vec();
        self.keys[0]
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), binding(key), &mut sealed)
            .expect("a session key is far shorter than the longest text of AES-GCM");
        STANDARD_NO_PAD.encode([nonce.as_slice(), &sealed].concat())
    }

    /// Whether `sealed` is this session key under the current key, so that it need not be written again.
    pub(super) fn matches(&self, sealed: &str, session_key: &Secret, key: &IdentityKey) -> bool {
        open(&self.keys[0], sealed, key).is_some_and(|opened| opened == session_key.expose().as_bytes())
    }
}

fn open(cipher: &LessSafeKey, sealed: &str, key: &IdentityKey) -> Option<Vec<u8>> {
    let mut bytes = STANDARD_NO_PAD.decode(sealed).ok()?;
    if bytes.len() < NONCE_LEN {
        return None;
    }
    let mut ciphertext = bytes.split_off(NONCE_LEN);
    let nonce = Nonce::try_assume_unique_for_key(&bytes).ok()?;
    let opened = cipher.open_in_place(nonce, binding(key), &mut ciphertext).ok()?;
    Some(opened.to_vec())
}

/// What the ciphertext is bound to: moved to another identity's row it cannot be opened.
fn binding(key: &IdentityKey) -> Aad<String> {
    Aad::from(format!("{}\n{}", key.app, key.subject))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::Provider;

    fn seal(secret: &str) -> SessionKeySeal {
        SessionKeySeal::new(&KeySettings { current: Secret::new(secret), previous: vec![] })
    }

    fn key(subject: &str) -> IdentityKey {
        IdentityKey { provider: Provider::Wechat, app: "wx1".to_owned(), subject: subject.to_owned() }
    }

    const ROOT: &str = "a root secret of more than 32 bytes";

    #[test]
    fn a_session_key_at_rest_is_not_readable_and_opens_only_for_its_identity_and_secret() {
        let session_key = Secret::new("session_key_123");
        let sealed = seal(ROOT).seal(&session_key, &key("openid"), &Random::system());

        assert!(!sealed.contains("session_key_123"));
        assert!(seal(ROOT).matches(&sealed, &session_key, &key("openid")));
        assert!(!seal(ROOT).matches(&sealed, &session_key, &key("another openid")));
        assert!(!seal(ROOT).matches(&sealed, &Secret::new("another"), &key("openid")));
        assert!(!seal("another root secret, also over 32 bytes").matches(&sealed, &session_key, &key("openid")));
    }

    #[test]
    fn the_same_session_key_never_looks_the_same_twice() {
        let (seal, random, session_key) = (seal(ROOT), Random::system(), Secret::new("session_key_123"));
        assert_ne!(seal.seal(&session_key, &key("openid"), &random), seal.seal(&session_key, &key("openid"), &random));
    }

    #[test]
    fn malformed_ciphertext_is_no_session_key() {
        for sealed in ["", "AAAA", "!!!!", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
            assert!(!seal(ROOT).matches(sealed, &Secret::new(""), &key("openid")), "{sealed}");
        }
    }
}
