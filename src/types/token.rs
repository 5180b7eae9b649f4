/// The name under which the token table knows a token: the `jti` of a JWT, or the SHA-256 of an opaque
/// token. It is of no use to a thief, because neither can be turned back into a token.
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
