//! HTTP clients of the services that this one depends on: WeChat and the SMS gateways.
//!
//! Imports only `types` and the HTTP client. What a response means for an account is decided in `account`.

mod http;
#[cfg(test)]
mod mutation;
mod settings;
pub mod sms;
pub mod wechat;

pub use http::SetupError;
