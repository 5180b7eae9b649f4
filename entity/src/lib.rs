//! The tables, one file each.

pub mod identity;
pub mod known_network;
pub mod limit;
pub mod member_group;
pub mod oauth_state;
pub mod session;
pub mod sms_code;
pub mod token;
pub mod user;
