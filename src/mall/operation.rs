//! What an operation declares once, and both its answers and their documentation are made of.

use std::{collections::BTreeMap, marker::PhantomData};

use poem::{IntoResponse, Response, http::StatusCode};
use poem_openapi::{
    ApiResponse,
    registry::{MetaResponses, MetaSchema, MetaSchemaRef, Registry},
    types::{ToJSON, Type},
};
use serde_json::Value;

use super::{
    envelope::{self, Code, Envelope},
    failure::Failure,
};
use crate::{
    account::Error,
    http::{EnvelopeCode, Stray, documented},
};

/// One operation of this dialect.
pub(super) trait Operation: Send + Sync + 'static {
    /// The schema of its success.
    const REPLY: &'static str;
    /// The schema of its failures.
    const FAILURE: &'static str = "MallFailure";
    /// The code of its success.
    const CODE: i32 = 1;
    /// The code of what the core refuses.
    const FAILURE_CODE: Code = Code::FAILED;
    /// The documented message of its success.
    const MESSAGE: &'static str;
    /// What the core may refuse, the documented cases first.
    const ERRORS: &'static [Error];
    /// An example of a message about a wrong field, where there are fields that can be wrong.
    const BAD_FIELD: Option<&'static str>;
    /// Whether it has a body.
    const HAS_BODY: bool = true;
    /// `data` of its success.
    type Data: Type + ToJSON + Send;

    /// The documented `data`.
    fn example() -> Self::Data;
}

/// What the handler of operation `O` returns.
pub(super) type Reply<O> = Result<Success<O>, Failed<O>>;

/// The success of operation `O`.
pub(super) struct Success<O: Operation> {
    message: &'static str,
    data: O::Data,
}

/// The failure of operation `O`.
pub(super) enum Failed<O> {
    Core(Error, PhantomData<O>),
    Field(Stray),
}

impl<O: Operation> Success<O> {
    pub(super) fn new(data: O::Data) -> Self {
        Self::saying(O::MESSAGE, data)
    }

    /// With the message of another operation that this address serves as well.
    pub(super) fn saying(message: &'static str, data: O::Data) -> Self {
        Self { message, data }
    }

    fn envelope(&self) -> Envelope<'static> {
        let data = self.data.to_json().unwrap_or(Value::Null);
        Envelope { code: Code::Number(O::CODE), msg: self.message, data: Some(data) }
    }
}

impl<O: Operation> IntoResponse for Success<O> {
    fn into_response(self) -> Response {
        self.envelope().into_response(StatusCode::OK)
    }
}

impl<O: Operation> ApiResponse for Success<O> {
    /// Success and failure share the status 200, so they are documented together here.
    fn meta() -> MetaResponses {
        let failures = declared::<O>().remove(&StatusCode::OK.as_u16()).unwrap_or_default();
        let reference = |name: &str| MetaSchemaRef::Reference(name.to_owned());
        let (description, schema) = match failures.as_slice() {
            [] => (format!("成功: {}", O::MESSAGE), reference(O::REPLY)),
            failures => {
                let both = MetaSchema {
                    one_of: vec![reference(O::REPLY), reference(O::FAILURE)],
                    example: Some(Self::new(O::example()).envelope().to_json()),
                    ..MetaSchema::ANY
                };
                let description = format!("成功: {}。失败: {}", O::MESSAGE, messages(failures));
                (description, MetaSchemaRef::Inline(Box::new(both)))
            }
        };
        MetaResponses { responses: vec![documented(200, description, schema)] }
    }

    fn register(registry: &mut Registry) {
        O::Data::register(registry);
        registry.create_schema::<Self, _>(O::REPLY.to_owned(), |_| MetaSchema {
            example: Some(Self::new(O::example()).envelope().to_json()),
            ..envelope::schema(Code::Number(O::CODE), Some(O::Data::schema_ref()))
        });
    }
}

impl<O> From<Error> for Failed<O> {
    fn from(error: Error) -> Self {
        Self::Core(error, PhantomData)
    }
}

impl<O> From<Stray> for Failed<O> {
    fn from(stray: Stray) -> Self {
        Self::Field(stray)
    }
}

impl<O: Operation> From<Failed<O>> for poem::Error {
    fn from(failed: Failed<O>) -> Self {
        let (failure, code) = match &failed {
            Failed::Core(error, _) => {
                let failure = Failure::from(error);
                // The service's own troubles are told like everywhere in the dialect.
                let code = if failure.status == StatusCode::OK { O::FAILURE_CODE } else { Code::FAILED };
                (failure, code)
            }
            Failed::Field(stray) => (Failure::from(stray), Code::FAILED),
        };
        let response = failure.into_response(code);
        let code = response.extensions().get::<EnvelopeCode>().copied();
        let mut error = Self::from_response(response);
        if let Some(code) = code {
            // The framework drops what a response carries beside status, headers and body.
            error.set_data(code);
        }
        error
    }
}

impl<O: Operation> ApiResponse for Failed<O> {
    fn meta() -> MetaResponses {
        let mut declared = declared::<O>();
        declared.remove(&StatusCode::OK.as_u16());
        let responses = declared.into_iter().map(|(status, failures)| {
            let schema = MetaSchemaRef::Inline(Box::new(MetaSchema {
                all_of: vec![MetaSchemaRef::Reference("MallFailure".to_owned())],
                example: failures.first().map(|failure| failure.envelope(Code::FAILED).to_json()),
                ..MetaSchema::ANY
            }));
            documented(status, messages(&failures), schema)
        });
        MetaResponses { responses: responses.collect() }
    }

    fn register(registry: &mut Registry) {
        let example = |failure: &Failure, code| Some(failure.envelope(code).to_json());
        let wrong = Failure::from(&Error::PasswordWrong);
        registry.create_schema::<Failure, _>("MallFailure".to_owned(), |_| MetaSchema {
            example: example(&wrong, Code::FAILED),
            ..envelope::schema(Code::FAILED, None)
        });
        if O::FAILURE_CODE != Code::FAILED {
            let first = O::ERRORS.first().map(Failure::from);
            registry.create_schema::<Self, _>(O::FAILURE.to_owned(), |_| MetaSchema {
                example: first.as_ref().and_then(|failure| example(failure, O::FAILURE_CODE)),
                ..envelope::schema(O::FAILURE_CODE, None)
            });
        }
    }
}

/// Every failure that the operation can answer, by HTTP status.
fn declared<O: Operation>() -> BTreeMap<u16, Vec<Failure>> {
    let mut failures: Vec<Failure> = O::ERRORS.iter().map(Failure::from).collect();
    failures.extend(O::BAD_FIELD.map(|message| Failure::from(&Stray::BadField(message.to_owned()))));
    failures.extend([Error::Unavailable, Error::Internal].iter().map(Failure::from));
    // Any other method at the same address.
    failures.push(Failure::from(&Stray::MethodNotAllowed));
    if O::HAS_BODY {
        let strays = [Stray::BrokenBody("请求体不是有效的JSON"), Stray::BodyTooLarge, Stray::UnsupportedMediaType];
        failures.extend(strays.iter().map(Failure::from));
    }
    let mut by_status = BTreeMap::<u16, Vec<Failure>>::new();
    for failure in failures {
        by_status.entry(failure.status.as_u16()).or_default().push(failure);
    }
    by_status
}

fn messages(failures: &[Failure]) -> String {
    let messages: Vec<&str> = failures.iter().map(|failure| &*failure.msg).collect();
    messages.join(" / ")
}
