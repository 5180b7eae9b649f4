//! The stories: the built service, spoken to over HTTP.

mod sandbox;
mod wechat_client;
