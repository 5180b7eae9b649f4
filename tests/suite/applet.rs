//! The applet dialect, as a mini program meets it.

mod input;
mod limits;
mod login;
mod operator;
mod phone;
mod profile;
mod secrets;
mod stray;
mod sweep;
mod tokens;
mod wechat_faults;
