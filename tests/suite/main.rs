//! The stories: the built service, spoken to over HTTP.

mod wechat_client;
