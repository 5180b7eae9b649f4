//! The stories: the built service, spoken to over HTTP.

mod applet;
mod sandbox;
mod service;
mod wechat_client;
