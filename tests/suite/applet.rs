//! The applet dialect.

mod admin;
mod cleanup;
mod input;
mod limits;
mod login;
mod phone;
mod profile;
mod request_errors;
mod secrets;
mod tokens;
mod wechat_faults;
