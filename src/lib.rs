//! passport: the login and account service.

pub mod sandbox;
pub mod types;
pub mod upstream;
