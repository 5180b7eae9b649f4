/// The `state` of an OAuth authorization (RFC 6749, 4.1.1): it goes to the consent page and must come back.
#[derive(Clone)]
pub struct OauthState(String);

impl OauthState {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}
