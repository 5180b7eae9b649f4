/// The `state` of an OAuth authorization (RFC 6749, 4.1.1): it is sent to the consent page, which must return it.
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
