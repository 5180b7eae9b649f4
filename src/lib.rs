//! passport: the login and account service that a mini program or a shopping mall puts in front of its users.
//!
//! Two doors (the dialects), one house ([`account`]), two pipes ([`storage`], [`upstream`]) and a workshop
//! ([`sandbox`]). Data flows one way: endpoint, account core, storage and upstreams.

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
pub mod mall;
pub mod ops;
pub mod sandbox;
pub mod storage;
pub mod types;
pub mod upstream;
pub mod web;

pub use app::{Spec, specs};
