//! The stories: the built service, spoken to over HTTP.

mod applet;
mod captured_log;
mod database_faults;
mod database_server;
mod documents;
mod engine;
mod examples;
mod fake_upstream;
mod first_start;
mod instances;
mod large_bodies;
mod logs;
mod mall;
mod migrations;
mod operator;
mod program;
mod query_plans;
mod sandbox;
mod service;
mod settings;
mod shutdown;
mod sms_gateways;
mod texts;
mod wechat_client;
mod wechat_faults;
mod wechat_official;
