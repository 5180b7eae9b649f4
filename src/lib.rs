//! passport: the login and account service that a mini program or a shopping mall puts in front of its users.

pub mod account;
pub mod applet;
pub mod sandbox;
pub mod storage;
pub mod types;
pub mod upstream;
pub mod web;

/// One OpenAPI document.
pub struct Spec {
    pub name: &'static str,
    pub json: String,
}

/// Every OpenAPI document.
pub fn specs() -> Vec<Spec> {
    Vec::new()
}
