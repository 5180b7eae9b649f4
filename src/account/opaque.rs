//! The mall's access token: 40 hexadecimal digits, of which only the SHA-256 is kept.

use aws_lc_rs::digest::{SHA256, digest};

use crate::types::{Random, Secret, TokenId};

/// 160 bits.
const BYTES: usize = 20;

/// A new token and its name in the database.
pub(super) fn new_token(random: &Random) -> (Secret, TokenId) {
    let token = random.hex::<BYTES>();
    let id = TokenId::new(hashed(&token));
    (Secret::new(token), id)
}

/// The name of the token in the database. `None` when it has not the form of a token.
pub(super) fn token_id(token: &Secret) -> Option<TokenId> {
    let text = token.expose();
    let plain = text.len() == 2 * BYTES && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    plain.then(|| TokenId::new(hashed(text)))
}

/// SHA-256 in hexadecimal digits: enough for values that cannot be guessed.
pub(super) fn hashed(text: &str) -> String {
    hex::encode(digest(&SHA256, text.as_bytes()))
}
