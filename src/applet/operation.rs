//! What an operation declares once, and both its answers and their documentation are made of.

use std::{collections::BTreeMap, marker::PhantomData};

use poem::{IntoResponse, Response};
use poem_openapi::{
    ApiResponse,
    registry::{MetaResponses, MetaSchema, MetaSchemaRef, Registry},
    types::{ToJSON, Type},
};
use serde_json::Value;

use super::{
    envelope::{self, Envelope},
    failure::Failure,
};
use crate::{
    account::Error,
    http::{EnvelopeCode, Stray, documented},
};

/// The schema of every failure.
const FAILURE_SCHEMA: &str = "AppletFailure";

/// One operation of this dialect.
pub(super) trait Operation: Send + Sync + 'static {
    /// The schema of its success.
    const REPLY: &'static str;
    /// The documented message of its success.
    const MESSAGE: &'static str;
    /// What the core may refuse, the documented cases first: the first one of each code is its example.
    const ERRORS: &'static [Error];
    /// What may be wrong with the request, with an example of a message; nothing for a GET.
    const BAD_REQUEST: Option<&'static str>;
    /// `result` of its success.
    type Result: Type + ToJSON + Send;

    /// The documented `result`.
    fn example() -> Self::Result;
}

/// What the handler of operation `O` returns.
pub(super) type Reply<O> = Result<Success<O>, Failed<O>>;

/// The success of operation `O`.
pub(super) struct Success<O: Operation>(pub O::Result);

/// The failure of operation `O`.
pub(super) struct Failed<O>(Error, PhantomData<O>);

impl<O: Operation> Success<O> {
    fn result(&self) -> Value {
        self.0.to_json().unwrap_or(Value::Null)
    }
}

impl<O: Operation> IntoResponse for Success<O> {
    fn into_response(self) -> Response {
        Envelope::success(O::MESSAGE, self.result()).into_response()
    }
}

impl<O: Operation> ApiResponse for Success<O> {
    fn meta() -> MetaResponses {
        let schema = MetaSchemaRef::Reference(O::REPLY.to_owned());
        MetaResponses { responses: vec![documented(200, O::MESSAGE.to_owned(), schema)] }
    }

    fn register(registry: &mut Registry) {
        O::Result::register(registry);
        registry.create_schema::<Self, _>(O::REPLY.to_owned(), |_| MetaSchema {
            example: Some(Envelope::success(O::MESSAGE, Self(O::example()).result()).to_json()),
            ..envelope::schema(true, O::Result::schema_ref())
        });
    }
}

impl<O> From<Error> for Failed<O> {
    fn from(error: Error) -> Self {
        Self(error, PhantomData)
    }
}

impl<O: Operation> From<Failed<O>> for poem::Error {
    fn from(Failed(error, _): Failed<O>) -> Self {
        debug_assert!(
            declared::<O>().contains_key(&Failure::from(&error).code),
            "{} answers {error:?}, which it does not declare",
            O::REPLY
        );
        let failure = Failure::from(&error);
        let code = EnvelopeCode(i32::from(failure.code));
        let mut error = Self::from_response(failure.into_response());
        // The framework drops what a response carries beside status, headers and body.
        error.set_data(code);
        error
    }
}

impl<O: Operation> ApiResponse for Failed<O> {
    fn meta() -> MetaResponses {
        let responses = declared::<O>().into_iter().map(|(code, failures)| {
            let messages: Vec<&str> = failures.iter().map(|failure| failure.message.as_str()).collect();
            let schema = MetaSchemaRef::Inline(Box::new(MetaSchema {
                all_of: vec![MetaSchemaRef::Reference(FAILURE_SCHEMA.to_owned())],
                example: failures.first().map(|failure| failure.envelope().to_json()),
                ..MetaSchema::ANY
            }));
            documented(code, messages.join(" / "), schema)
        });
        MetaResponses { responses: responses.collect() }
    }

    fn register(registry: &mut Registry) {
        registry.create_schema::<Envelope, _>(FAILURE_SCHEMA.to_owned(), |_| envelope::schema(false, envelope::null()));
    }
}

/// Every failure that the operation can answer, by code.
fn declared<O: Operation>() -> BTreeMap<u16, Vec<Failure>> {
    let mut failures: Vec<Failure> = O::ERRORS.iter().map(Failure::from).collect();
    failures.extend([Error::Unavailable, Error::Internal].iter().map(Failure::from));
    // Any other method at the same address.
    failures.push(Failure::from(&Stray::MethodNotAllowed));
    if let Some(message) = O::BAD_REQUEST {
        let strays = [Stray::BadField(message.to_owned()), Stray::BodyTooLarge, Stray::UnsupportedMediaType];
        failures.extend(strays.iter().map(Failure::from));
    }
    let mut by_code = BTreeMap::<u16, Vec<Failure>>::new();
    for failure in failures {
        by_code.entry(failure.code).or_default().push(failure);
    }
    by_code
}
