use super::Secret;

/// An access token as a client holds it.
#[derive(Clone, Default)]
pub struct PlainToken(Secret);

impl PlainToken {
    pub fn new(text: impl Into<String>) -> Self {
        Self(Secret::new(text))
    }

    /// The token itself, for the response that carries it and for the code that parses it.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The name under which the token table knows a token: the `jti` of a JWT, or the SHA-256 of an opaque
/// token. It is of no use to an attacker, because neither can be turned back into a token.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TokenId(String);

impl TokenId {
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}
