use aws_lc_rs::hmac::{self, HMAC_SHA256, Key};

use crate::{
    account::KeySettings,
    types::{Phone, Random, Secret, SmsPurpose},
};

/// A code that an SMS carried: six digits.
#[derive(Clone)]
pub struct SmsCode(Secret);

impl SmsCode {
    pub const DIGITS: usize = 6;

    pub(crate) fn random(random: &Random) -> Self {
        Self(Secret::new(random.digits(Self::DIGITS)))
    }

    /// `None` when it has not the form of a code.
    pub fn parse(text: impl Into<String>) -> Option<Self> {
        let text = text.into();
        let is_valid = text.len() == Self::DIGITS && text.bytes().all(|byte| byte.is_ascii_digit());
        is_valid.then(|| Self(Secret::new(text)))
    }

    /// The code itself, for the message that carries it.
    pub(crate) fn secret(&self) -> &Secret {
        &self.0
    }
}

/// The keyed hash of codes, which makes a dump of the database useless: without the key, six digits would be
/// found by trying.
pub(crate) struct SmsCodeKeys(Vec<Key>);

impl SmsCodeKeys {
    pub(crate) fn new(keys: &KeySettings) -> Self {
        Self(keys.derive("sms code").iter().map(|key| Key::new(HMAC_SHA256, key)).collect())
    }

    pub(crate) fn hash(&self, phone: &Phone, purpose: SmsPurpose, code: &SmsCode) -> String {
        hex::encode(hmac::sign(&self.0[0], text(phone, purpose, code).as_bytes()))
    }

    pub(crate) fn verify(&self, hash: &str, phone: &Phone, purpose: SmsPurpose, code: &SmsCode) -> bool {
        let text = text(phone, purpose, code);
        hex::decode(hash).is_ok_and(|hash| self.0.iter().any(|key| hmac::verify(key, text.as_bytes(), &hash).is_ok()))
    }
}

fn text(phone: &Phone, purpose: SmsPurpose, code: &SmsCode) -> String {
    format!("{}\n{}\n{}", purpose.name(), phone.as_str(), code.0.expose())
}
