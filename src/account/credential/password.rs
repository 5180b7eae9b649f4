use crate::types::Secret;

/// A password to log in with; no rules apply to it.
#[derive(Clone)]
pub struct PlainPassword(Secret);

impl PlainPassword {
    pub fn new(text: impl Into<String>) -> Self {
        Self(Secret::new(text))
    }

    pub(super) fn expose(&self) -> &str {
        self.0.expose()
    }
}

/// A password that is to be set: 8 to 64 characters of any kind (NIST SP 800-63B).
#[derive(Clone)]
pub struct NewPassword(Secret);

impl NewPassword {
    pub const MIN_CHARS: usize = 8;
    pub const MAX_CHARS: usize = 64;

    /// `None` when it is too short or too long.
    pub fn parse(text: impl Into<String>) -> Option<Self> {
        let text = text.into();
        let is_valid = (Self::MIN_CHARS..=Self::MAX_CHARS).contains(&text.chars().count());
        is_valid.then(|| Self(Secret::new(text)))
    }

    pub(super) fn expose(&self) -> &str {
        self.0.expose()
    }
}
