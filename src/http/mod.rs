//! What every dialect needs from HTTP, without business rules.
//!
//! A request passes these layers: [`log_request`], [`render_errors`] for what CORS refuses, [`across_origins`],
//! [`render_errors`] again, so that errors get CORS headers, [`limit_body`], and then its operation.

mod body;
mod body_limit;
mod client_ip;
mod cors;
mod dialect;
mod envelope;
mod error_layer;
mod failure;
#[cfg(test)]
mod failure_table;
mod message;
mod operation;
mod request_error;
mod request_log;
mod schema;

pub use self::{
    body::{Body, ObjectFields},
    body_limit::{MAX_BODY_BYTES, limit_body},
    client_ip::ProxySettings,
    cors::{CorsSettings, across_origins},
    dialect::{Dialect, render_error},
    envelope::Envelope,
    error_layer::{ErrorLayer, Surface, render_errors},
    failure::Failure,
    operation::{Failed, Operation, OperationResult, Reply, Success},
    request_error::RequestError,
    request_log::{RequestLog, log_request},
    schema::{
        Field, Kind, Nullable, Number, NumberRule, OneOf, Parsed, ParsedText, Pattern, StringEnum, Text, TextRule,
        Token, TokenRule, VISIBLE_ASCII, inline, pattern,
    },
};
#[cfg(test)]
pub(crate) use self::{failure_table::failure_table, operation::status_or_panic};
