//! WeChat's HTTP API, one file for each call.

pub mod code2session;
pub mod consent;
pub mod oauth;
pub mod phone_number;
pub mod token;
