//! The stories: the built service, spoken to over HTTP.

mod applet;
mod captured_log;
mod examples;
mod sandbox;
mod service;
mod wechat_client;
