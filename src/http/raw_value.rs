//! What poem-openapi's own validators would look at. Ours check when they parse, so there is nothing to tell.

/// Inside an `impl Type`: the value is one whole.
macro_rules! whole_value {
    () => {
        type RawValueType = Self;
        type RawElementValueType = Self;

        fn as_raw_value(&self) -> Option<&Self> {
            Some(self)
        }

        fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
            Box::new(std::iter::once(self))
        }
    };
}

/// Inside an `impl Type` of a wrapper that has `fn inner(&self) -> Option<&T>`: the value is that of the `T`.
macro_rules! inner_value {
    ($inner:ident) => {
        type RawValueType = $inner::RawValueType;
        type RawElementValueType = $inner::RawElementValueType;

        fn name() -> std::borrow::Cow<'static, str> {
            $inner::name()
        }

        fn register(registry: &mut poem_openapi::registry::Registry) {
            $inner::register(registry);
        }

        fn as_raw_value(&self) -> Option<&Self::RawValueType> {
            self.inner().and_then($inner::as_raw_value)
        }

        fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self::RawElementValueType> + 'a> {
            match self.inner() {
                Some(value) => value.raw_element_iter(),
                None => Box::new(std::iter::empty()),
            }
        }
    };
}

pub(crate) use {inner_value, whole_value};
