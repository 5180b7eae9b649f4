//! passport: the login and account service.

pub mod types;
