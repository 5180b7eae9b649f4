//! The stories: the built service, spoken to over HTTP.

mod first_start;
mod large_bodies;
mod logs;
mod operator;
mod program;
mod sandbox;
mod settings;
mod shutdown;
mod wechat_client;
mod wechat_faults;
