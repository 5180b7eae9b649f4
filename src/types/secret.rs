use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};

/// A text that must never be printed: an app secret, a session key, an access token, a one-time code.
///
/// It has neither `Debug` nor `Display`, and no `Serialize`, so that a log line or an error message
/// that contains one does not compile. [`Secret::expose`] is the one way to the text, and its memory is
/// overwritten when it is dropped.
#[derive(Clone, Default)]
pub struct Secret(SecretString);

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into().into())
    }

    /// The text itself, for the one place that needs it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    pub fn is_empty(&self) -> bool {
        self.expose().is_empty()
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // The reader's own error would show the value.
        let text = String::deserialize(deserializer);
        text.map(Self::new).map_err(|_| serde::de::Error::custom("a secret is a text in quotes"))
    }
}

#[cfg(test)]
mod tests {
    use std::{
        fmt::{Debug, Display},
        marker::PhantomData,
    };

    use serde::Serialize;

    use super::*;

    /// Says what can be done with a `T`: an inherent constant, where its bound holds, hides the trait's.
    struct Ways<T>(PhantomData<T>);

    trait None {
        const DEBUG: bool = false;
        const DISPLAY: bool = false;
        const SERIALIZE: bool = false;
    }

    impl<T> None for Ways<T> {}

    impl<T: Debug> Ways<T> {
        const DEBUG: bool = true;
    }

    impl<T: Display> Ways<T> {
        const DISPLAY: bool = true;
    }

    impl<T: Serialize> Ways<T> {
        const SERIALIZE: bool = true;
    }

    #[test]
    fn there_is_no_way_to_print_a_secret() {
        const { assert!(Ways::<String>::DEBUG && Ways::<String>::DISPLAY && Ways::<String>::SERIALIZE) };
        const { assert!(!Ways::<Secret>::DEBUG && !Ways::<Secret>::DISPLAY && !Ways::<Secret>::SERIALIZE) };
        const { assert!(!Ways::<Option<Secret>>::DEBUG && !Ways::<Vec<Secret>>::SERIALIZE) };
    }
}
