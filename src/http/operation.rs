//! Operations: one declaration, from which both the responses and their documentation are made.

use std::{any::type_name, collections::BTreeMap, marker::PhantomData, mem::discriminant};

use poem::{IntoResponse, Response};
use poem_openapi::{
    ApiResponse,
    registry::{MetaResponses, MetaSchema, MetaSchemaRef, Registry},
    types::{Example, ToJSON, Type},
};

use super::{
    dialect::{Dialect, render_failure},
    envelope::{Envelope, EnvelopeCode},
    failure::Failure,
    request_error::RequestError,
    schema::{inline, json_response_meta},
};

/// An operation of the dialect `D`. The schema of its success is named after its type, with `Reply` appended.
pub trait Operation<D: Dialect>: Send + Sync + 'static {
    /// The message of a success.
    const MESSAGE: &'static str;
    /// The errors of the account core that it may answer. The first of each HTTP status is the example in the spec.
    /// Answering any other one panics in debug builds.
    const ERRORS: &'static [D::Error];
    /// An example of a message about a wrong field, if it has fields that can be wrong.
    const BAD_FIELD: Option<&'static str> = None;
    /// Whether it reads a body.
    const HAS_BODY: bool = true;
    const CODES: D::Codes = D::CODES;
    /// The result of a success.
    type Result: OperationResult;

    /// The result in the example of the spec.
    fn example() -> Self::Result {
        Self::Result::default_example(Self::MESSAGE)
    }
}

/// The result of a success.
pub trait OperationResult: Type + ToJSON + Send {
    /// The default example for an operation with that message.
    fn default_example(message: &'static str) -> Self;
}

impl<T: Type + ToJSON + Example + Send> OperationResult for T {
    fn default_example(_message: &'static str) -> Self {
        Self::example()
    }
}

/// What the handler of `O` returns.
pub type Reply<D, O> = Result<Success<D, O>, Failed<D, O>>;

/// A success of `O`.
pub struct Success<D: Dialect, O: Operation<D>> {
    message: &'static str,
    result: O::Result,
}

/// A failure of `O`.
pub enum Failed<D: Dialect, O> {
    Core(D::Error, PhantomData<O>),
    Request(RequestError),
}

impl<D: Dialect, O: Operation<D>> Success<D, O> {
    pub fn new(result: O::Result) -> Self {
        Self::with_message(O::MESSAGE, result)
    }

    /// With another message than that of the operation.
    pub fn with_message(message: &'static str, result: O::Result) -> Self {
        Self { message, result }
    }

    fn envelope(&self) -> Envelope {
        D::success_envelope(&O::CODES, self.message, self.result.to_json().unwrap_or_default())
    }

    fn example() -> MetaSchema {
        MetaSchema { example: Some(Self::new(O::example()).envelope().json), ..MetaSchema::ANY }
    }
}

impl<D: Dialect, O: Operation<D>> IntoResponse for Success<D, O> {
    fn into_response(self) -> Response {
        self.envelope().into_response(200)
    }
}

impl<D: Dialect, O: Operation<D>> ApiResponse for Success<D, O> {
    /// Includes the failures that have HTTP 200 as well, since the spec describes each status once.
    fn meta() -> MetaResponses {
        let failures = declared::<D, O>().remove(&200).unwrap_or_default();
        let success = MetaSchemaRef::Reference(reply_name::<O>());
        let schema = if failures.is_empty() {
            success
        } else {
            let (failure, _) = D::failure_schema(&O::CODES);
            let one_of = vec![success, MetaSchemaRef::Reference(failure.to_owned())];
            inline(MetaSchema { one_of, ..Self::example() })
        };
        let description = D::describe_ok(O::MESSAGE, &messages(&failures));
        MetaResponses { responses: vec![json_response_meta(200, description, schema)] }
    }

    fn register(registry: &mut Registry) {
        O::Result::register(registry);
        registry.create_schema::<Self, _>(reply_name::<O>(), |_| {
            D::success_schema(&O::CODES, O::Result::schema_ref()).merge(Self::example())
        });
    }
}

impl<D: Dialect, O> From<RequestError> for Failed<D, O> {
    fn from(error: RequestError) -> Self {
        Self::Request(error)
    }
}

impl<D: Dialect, O: Operation<D>> From<Failed<D, O>> for poem::Error {
    fn from(failed: Failed<D, O>) -> Self {
        match failed {
            Failed::Core(error, _) => {
                debug_assert!(declares::<D, O>(&error), "{} answers {error:?}, which it does not declare", name::<O>());
                let response = render_failure::<D>(&O::CODES, &D::failure(&error));
                let code = response.extensions().get::<EnvelopeCode>().copied();
                let mut error = Self::from_response(response);
                // The extensions of the response are dropped here, so the code is passed on separately.
                if let Some(code) = code {
                    error.set_data(code);
                }
                error
            }
            Failed::Request(error) => {
                debug_assert!(O::BAD_FIELD.is_some(), "{} answers {error:?}, which it does not declare", name::<O>());
                // The error layer renders it.
                error.into()
            }
        }
    }
}

impl<D: Dialect, O: Operation<D>> ApiResponse for Failed<D, O> {
    fn meta() -> MetaResponses {
        let (schema_name, _) = D::failure_schema(&D::CODES);
        let failures = declared::<D, O>().into_iter().filter(|(status, _)| *status != 200);
        let responses = failures.map(|(status, failures)| {
            let schema = inline(MetaSchema {
                all_of: vec![MetaSchemaRef::Reference(schema_name.to_owned())],
                example: failures.first().map(|failure| D::failure_envelope(&O::CODES, failure).json),
                ..MetaSchema::ANY
            });
            json_response_meta(status, messages(&failures), schema)
        });
        MetaResponses { responses: responses.collect() }
    }

    fn register(registry: &mut Registry) {
        for (name, schema) in [D::failure_schema(&D::CODES), D::failure_schema(&O::CODES)] {
            registry.create_schema::<D, _>(name.to_owned(), |_| schema);
        }
    }
}

/// Whether the operation declares this case of the error. Values inside the case are not compared.
fn declares<D: Dialect, O: Operation<D>>(error: &D::Error) -> bool {
    O::ERRORS.iter().chain(D::COMMON_ERRORS).any(|declared| discriminant(declared) == discriminant(error))
}

/// The failures that the spec describes, by HTTP status.
fn declared<D: Dialect, O: Operation<D>>() -> BTreeMap<u16, Vec<Failure>> {
    let mut failures: Vec<Failure> = O::ERRORS.iter().chain(D::COMMON_ERRORS).map(D::failure).collect();
    // For the other methods of its path.
    failures.push(D::request_failure(&RequestError::MethodNotAllowed));
    let bad_field = O::BAD_FIELD.map(|message| D::request_failure(&RequestError::BadField(message.to_owned())));
    if O::HAS_BODY {
        let broken = D::request_failure(&RequestError::BrokenBody("请求体不是有效的JSON"));
        // One example of a bad request is enough for one status.
        if bad_field.as_ref().is_none_or(|bad_field| bad_field.status != broken.status) {
            failures.push(broken);
        }
        failures
            .extend([RequestError::BodyTooLarge, RequestError::UnsupportedMediaType].iter().map(D::request_failure));
    }
    failures.extend(bad_field);
    let mut by_status = BTreeMap::<u16, Vec<Failure>>::new();
    for failure in failures {
        by_status.entry(failure.status).or_default().push(failure);
    }
    by_status
}

fn messages(failures: &[Failure]) -> String {
    let messages: Vec<&str> = failures.iter().map(|failure| &*failure.message).collect();
    messages.join(" / ")
}

/// The name of the operation's type.
fn name<O>() -> &'static str {
    type_name::<O>().rsplit("::").next().unwrap_or_default()
}

fn reply_name<O>() -> String {
    format!("{}Reply", name::<O>())
}

/// The HTTP status of a failure, or the text of the panic that it causes.
#[cfg(test)]
pub(crate) fn status_or_panic<D: Dialect, O: Operation<D>>(
    failed: Failed<D, O>,
) -> Result<poem::http::StatusCode, String> {
    let answer = std::panic::AssertUnwindSafe(|| poem::Error::from(failed).into_response().status());
    std::panic::catch_unwind(answer).map_err(|panic| *panic.downcast().expect("the text of an assertion"))
}
