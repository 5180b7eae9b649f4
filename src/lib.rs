//! passport: the login and account service.

pub mod types;
pub mod upstream;
