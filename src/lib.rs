//! passport: the login and account service behind a mini program or a shopping mall.
//!
//! | modules | what they are |
//! |---|---|
//! | [`applet`], [`mall`] | the surfaces: HTTP APIs, each with its own paths and envelope |
//! | [`http`] | what every surface needs from HTTP |
//! | [`account`] | the core: accounts, sessions and their rules, independent of the surfaces |
//! | [`storage`], [`upstream`] | the edges: the database; WeChat and SMS gateways |
//! | [`sandbox`] | mocks WeChat and an SMS gateway |
//! | [`types`] | values that several modules pass on |
//! | [`app`], [`config`], [`ops`] | wiring, settings, operation |
//!
//! Data flows one way: surface, core, edges.

/// A value of each case of an enum. A case that is not in the list stops the build.
#[cfg(test)]
macro_rules! every_case {
    ($enum:ident: $($case:ident $(($value:expr))? $({ $field:ident: $inner:expr })?),+ $(,)?) => {{
        let _ = |value: $enum| match value {
            $($enum::$case { .. } => {})+
        };
        vec![$($enum::$case $(($value))? $({ $field: $inner })?),+]
    }};
}

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
