use std::fmt::Debug;

use poem::{
    Response,
    http::{HeaderValue, header},
};
use poem_openapi::registry::{MetaSchema, MetaSchemaRef};
use serde_json::Value;

use super::{envelope::Envelope, failure::Failure, request_error::RequestError};

/// A dialect: its envelopes, and its codes and messages for errors.
pub trait Dialect: Send + Sync + 'static {
    /// Errors of the account core.
    type Error: Copy + Debug + Send + Sync + 'static;
    /// What may differ from one operation to another in the envelopes.
    type Codes: Send + Sync + 'static;
    /// The default, also used for errors outside operations.
    const CODES: Self::Codes;
    /// The errors that every operation declares implicitly.
    const COMMON_ERRORS: &'static [Self::Error];

    fn failure(error: &Self::Error) -> Failure;
    fn request_failure(error: &RequestError) -> Failure;

    fn success_envelope(codes: &Self::Codes, message: &str, result: Value) -> Envelope;
    fn failure_envelope(codes: &Self::Codes, failure: &Failure) -> Envelope;

    fn success_schema(codes: &Self::Codes, result: MetaSchemaRef) -> MetaSchema;
    /// The name of the schema of failures, and the schema.
    fn failure_schema(codes: &Self::Codes) -> (&'static str, MetaSchema);
    /// The description of HTTP 200 in the spec. `failures` are the messages of the failures with this status, or empty.
    fn describe_ok(message: &str, failures: &str) -> String;
}

/// The response to an error outside operations.
pub fn render_error<D: Dialect>(error: &RequestError) -> Response {
    render_failure::<D>(&D::CODES, &D::request_failure(error))
}

pub(super) fn render_failure<D: Dialect>(codes: &D::Codes, failure: &Failure) -> Response {
    let mut response = D::failure_envelope(codes, failure).into_response(failure.status);
    if let Some(seconds) = failure.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
    }
    response
}
