//! The services of others that this one depends on, spoken to over HTTP.
//!
//! Imports only `types` and the HTTP client: what an upstream's answer means for an account is decided elsewhere.

mod http;
pub mod sms;
pub mod wechat;

pub use http::SetupError;
