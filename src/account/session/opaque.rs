//! The opaque access token: 40 hexadecimal digits, of which only the SHA-256 is kept.

use crate::{
    account::keys::sha256_hex,
    types::{PlainToken, Random, TokenId},
};

/// 160 bits.
const BYTES: usize = 20;

/// A new token and its name in the database.
pub(super) fn new_token(random: &Random) -> (PlainToken, TokenId) {
    let token = random.hex::<BYTES>();
    let id = TokenId::new(sha256_hex(&token));
    (PlainToken::new(token), id)
}

/// The name of the token in the database. `None` when it has not the form of a token.
pub(super) fn token_id(token: &PlainToken) -> Option<TokenId> {
    let text = token.expose();
    let plain = text.len() == 2 * BYTES && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    plain.then(|| TokenId::new(sha256_hex(text)))
}
