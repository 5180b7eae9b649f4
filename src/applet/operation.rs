//! What the operations of this dialect share.

use std::marker::PhantomData;

use poem_openapi::NewType;

use super::dialect::Applet;
use crate::{
    account::Error,
    http::{self, Failed, Operation, OperationResult},
};

pub(super) type Reply<O> = http::Reply<Applet, O>;
pub(super) type Success<O> = http::Success<Applet, O>;

/// The errors of operations that take a token.
pub(super) const TOKEN_ERRORS: &[Error] = &[Error::TokenInvalid, Error::UserDisabled, Error::UserGone];

// A `result` that is a text. Not a doc comment, which would go into the spec.
#[derive(NewType)]
pub(super) struct TextResult(pub String);

impl OperationResult for TextResult {
    /// Most operations without a result repeat their message.
    fn default_example(message: &'static str) -> Self {
        Self(message.to_owned())
    }
}

impl<O: Operation<Applet, Result = TextResult>> Success<O> {
    /// A success whose result is its message.
    pub(super) fn done() -> Self {
        Self::new(TextResult::default_example(O::MESSAGE))
    }
}

impl<O> From<Error> for Failed<Applet, O> {
    fn from(error: Error) -> Self {
        Self::Core(error, PhantomData)
    }
}

#[cfg(test)]
mod tests {
    use poem::http::StatusCode;

    use super::*;
    use crate::http::{RequestError, status_or_panic};

    struct UnbindPhone;

    impl Operation<Applet> for UnbindPhone {
        const MESSAGE: &'static str = "解绑成功";
        const ERRORS: &'static [Error] = &[Error::PhoneTaken, Error::TooManyFailures { retry_after: 300 }];
        type Result = TextResult;
    }

    fn answer(failed: impl Into<Failed<Applet, UnbindPhone>>) -> Result<StatusCode, String> {
        status_or_panic(failed.into())
    }

    #[test]
    fn a_declared_failure_is_answered_whatever_values_it_has() {
        assert_eq!(answer(Error::PhoneTaken), Ok(StatusCode::BAD_REQUEST));
        assert_eq!(answer(Error::TooManyFailures { retry_after: 7 }), Ok(StatusCode::TOO_MANY_REQUESTS));
        assert_eq!(answer(Error::Unavailable), Ok(StatusCode::SERVICE_UNAVAILABLE), "declared by every operation");
    }

    #[test]
    fn an_undeclared_failure_panics_in_debug_builds_even_if_a_declared_one_has_its_code() {
        let same_code = answer(Error::PhoneCodeInvalid);
        let bad_field = answer(RequestError::BadField("phone".to_owned()));
        if cfg!(debug_assertions) {
            assert_eq!(same_code.unwrap_err(), "UnbindPhone answers PhoneCodeInvalid, which it does not declare");
            assert_eq!(bad_field.unwrap_err(), "UnbindPhone answers BadField(\"phone\"), which it does not declare");
        } else {
            assert_eq!((same_code, bad_field), (Ok(StatusCode::BAD_REQUEST), Ok(StatusCode::BAD_REQUEST)));
        }
    }
}
