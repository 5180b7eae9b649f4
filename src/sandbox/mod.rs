//! The sandbox: a second listener that mocks WeChat's HTTP API and an SMS gateway, with WeChat's fields, error codes,
//! single-use codes and lifetimes, so that the real HTTP clients run everywhere. All state is kept in memory.
//!
//! Paths of its own: `POST /codes/...` mints codes, `/faults` injects faults into the mock paths, `GET /calls` counts the
//! calls to them, `GET /sms` lists the messages sent, `GET /callback` shows what the consent page returned, and
//! `GET /` is a page for people.

mod apps;
mod call;
mod control;
mod errcode;
mod fields;
mod mint;
mod mock;
mod mock_path;
mod page;
mod response;
mod routes;
mod sms;
mod state;
mod wechat;

pub use self::{
    apps::{App, AppKind},
    state::Sandbox,
};
