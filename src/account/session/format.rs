use super::{
    jwt::{Claims, JwtKeys},
    opaque,
};
use crate::{
    account::KeySettings,
    storage::{IssuedToken, Validity},
    types::{PlainToken, Random, Timestamp, TokenId, UserId},
};

/// What tokens look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenFormat {
    /// A JWT (RFC 7519), HS256, whose `jti` is a row of the token table.
    Jwt,
    /// 40 hexadecimal digits, of which only the SHA-256 is kept.
    Opaque,
}

/// What a token says about itself before the database is asked.
pub(super) struct ParsedToken {
    pub(super) id: TokenId,
    /// `None` where only the database knows.
    pub(super) expires_at: Option<Timestamp>,
}

/// Makes and parses tokens of every format.
pub(crate) struct TokenCodec {
    jwt: JwtKeys,
    random: Random,
}

impl TokenCodec {
    pub(crate) fn new(keys: &KeySettings, random: Random) -> Self {
        Self { jwt: JwtKeys::new(keys), random }
    }

    /// A new, unguessable token of a user.
    pub(super) fn issue(&self, format: TokenFormat, user: UserId, validity: Validity) -> (PlainToken, IssuedToken) {
        match format {
            TokenFormat::Jwt => {
                // 128 bits.
                let id = TokenId::new(self.random.hex::<16>());
                let issued = IssuedToken { id, validity };
                (self.jwt.sign(&Claims::new(user, &issued)), issued)
            }
            TokenFormat::Opaque => {
                let (token, id) = opaque::new_token(&self.random);
                (token, IssuedToken { id, validity })
            }
        }
    }

    /// The token again, as it was issued. `None` for a format of which only a hash is kept.
    pub(super) fn reissue(&self, format: TokenFormat, user: UserId, issued: &IssuedToken) -> Option<PlainToken> {
        match format {
            TokenFormat::Jwt => Some(self.jwt.sign(&Claims::new(user, issued))),
            TokenFormat::Opaque => None,
        }
    }

    /// What the token says, if it has the format and, for a JWT, one of our keys signed it. Expiry is not checked.
    pub(super) fn parse(&self, format: TokenFormat, token: &PlainToken) -> Option<ParsedToken> {
        match format {
            TokenFormat::Jwt => {
                let claims = self.jwt.verify(token)?;
                Some(ParsedToken { id: claims.token_id(), expires_at: Some(claims.exp) })
            }
            TokenFormat::Opaque => Some(ParsedToken { id: opaque::token_id(token)?, expires_at: None }),
        }
    }
}
