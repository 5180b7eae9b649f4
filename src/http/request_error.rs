use poem::{
    Error,
    error::{CorsError, ResponseError},
    http::StatusCode,
};
use poem_openapi::error::{ContentTypeError, ParseParamError};

use super::message::marked_in;

/// An error of a request outside the account core.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// With the message for the client, in Chinese.
    #[error("a field is missing or wrong")]
    BadField(String),
    /// With the message for the client, in Chinese.
    #[error("the body cannot be read")]
    BrokenBody(&'static str),
    /// The request comes from a page whose origin is not in the list.
    #[error("the origin is not allowed")]
    ForeignOrigin,
    #[error("not found")]
    NotFound,
    #[error("method not allowed")]
    MethodNotAllowed,
    #[error("the body is too large")]
    BodyTooLarge,
    #[error("unsupported media type")]
    UnsupportedMediaType,
    #[error("internal error")]
    Internal,
}

impl ResponseError for RequestError {
    fn status(&self) -> StatusCode {
        match self {
            Self::BadField(_) | Self::BrokenBody(_) => StatusCode::BAD_REQUEST,
            Self::ForeignOrigin => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

/// Classifies an error of the framework. Its text is dropped, since it may quote the request.
impl From<Error> for RequestError {
    fn from(error: Error) -> Self {
        let error = match error.downcast::<Self>() {
            Ok(own) => return own,
            Err(error) => error,
        };
        if let Some(parameter) = error.downcast_ref::<ParseParamError>() {
            return Self::BadField(marked_in(&parameter.reason));
        }
        if error.is::<CorsError>() {
            return Self::ForeignOrigin;
        }
        if error.is::<ContentTypeError>() {
            return Self::UnsupportedMediaType;
        }
        match error.status() {
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Self::MethodNotAllowed,
            StatusCode::PAYLOAD_TOO_LARGE => Self::BodyTooLarge,
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Self::UnsupportedMediaType,
            status if status.is_client_error() => Self::BrokenBody("请求无法读取"),
            status => {
                tracing::error!(status = status.as_u16(), "an operation failed outside its own errors");
                Self::Internal
            }
        }
    }
}
