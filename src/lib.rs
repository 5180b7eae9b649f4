//! passport: the login and account service that a mini program or a shopping mall puts in front of its users.
//!
//! Two doors (the dialects), one house ([`account`]), two pipes ([`storage`], [`upstream`]) and a workshop
//! ([`sandbox`]). Data flows one way: endpoint, account core, storage and upstreams.

pub mod account;
pub mod app;
pub mod applet;
pub mod config;
pub mod http;
pub mod mall;
pub mod ops;
pub mod sandbox;
pub mod storage;
pub mod types;
pub mod upstream;

pub use app::{Spec, specs};
