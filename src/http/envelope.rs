use poem::{
    Response,
    http::{StatusCode, header},
};
use serde_json::Value;

/// The body of a response.
pub struct Envelope {
    /// For the log.
    pub code: i32,
    /// With the fields in the documented order.
    pub json: Value,
}

/// The `code` of the envelope in a response, for the log.
#[derive(Clone, Copy)]
pub(super) struct EnvelopeCode(pub i32);

impl Envelope {
    pub fn into_response(self, status: u16) -> Response {
        Response::builder()
            .status(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR))
            .header(header::CONTENT_TYPE, "application/json")
            .extension(EnvelopeCode(self.code))
            .body(self.json.to_string())
    }
}
