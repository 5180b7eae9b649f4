//! What the operations of this dialect share.

use std::{collections::BTreeMap, marker::PhantomData};

use poem_openapi::{NewType, types::Example};

use super::dialect::Mall;
use crate::{
    account::Error,
    http::{self, Failed},
};

pub(super) type Reply<O> = http::Reply<Mall, O>;
pub(super) type Success<O> = http::Success<Mall, O>;

/// The errors of operations that take a token.
pub(super) const TOKEN_ERRORS: &[Error] = &[Error::TokenInvalid, Error::UserDisabled, Error::UserGone];

impl<O> From<Error> for Failed<Mall, O> {
    fn from(error: Error) -> Self {
        Self::Core(error, PhantomData)
    }
}

// An empty `data`. Not a doc comment, which would go into the spec.
#[derive(Default, NewType)]
#[oai(from_parameter = false, from_multipart = false, to_header = false)]
pub(super) struct NoData(BTreeMap<String, String>);

impl Example for NoData {
    fn example() -> Self {
        Self::default()
    }
}

#[cfg(test)]
mod tests {
    use poem::http::StatusCode;

    use super::*;
    use crate::http::{Operation, RequestError, status_or_panic};

    /// Declares a failure with HTTP 200, as all of those below have.
    struct Greet;

    impl Operation<Mall> for Greet {
        const MESSAGE: &'static str = "ok";
        const ERRORS: &'static [Error] = &[Error::TooManySms { retry_after: 60 }];
        type Result = NoData;
    }

    #[test]
    fn only_declared_failures_are_answered_in_debug_builds() {
        let answer = |error| status_or_panic(Failed::<Mall, Greet>::from(error));
        assert_eq!(answer(Error::TooManySms { retry_after: 1 }), Ok(StatusCode::OK));
        assert_eq!(answer(Error::Internal), Ok(StatusCode::INTERNAL_SERVER_ERROR), "declared by every operation");
        for (error, name) in
            [(Error::TooManyPasswords { retry_after: 60 }, "TooManyPasswords"), (Error::PasswordWrong, "PasswordWrong")]
        {
            match answer(error) {
                Ok(status) => assert!(!cfg!(debug_assertions) && status == StatusCode::OK, "{name}"),
                Err(panic) => assert!(panic.starts_with(&format!("Greet answers {name}")), "{panic}"),
            }
        }
    }

    #[test]
    fn a_bad_field_is_answered_only_where_one_is_declared() {
        let failed = Failed::<Mall, Greet>::from(RequestError::BadField("手机号格式不正确".to_owned()));
        assert_eq!(status_or_panic(failed).is_err(), cfg!(debug_assertions));
    }
}
