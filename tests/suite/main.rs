//! The stories: the built service, spoken to over HTTP.

mod applet;
mod examples;
mod sandbox;
mod service;
mod wechat_client;
