use serde::{Deserialize, Deserializer};

/// A text that must never be printed: an app secret, a session key, an access token, a one-time code.
///
/// It has neither `Debug` nor `Display`, and no `Serialize`, so that a log line or an error message
/// that contains one does not compile. [`Secret::expose`] is the one way to the text.
#[derive(Clone, Default)]
pub struct Secret(String);

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one place that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self)
    }
}
