//! The tables, one file each.

pub mod limit;
pub mod session;
pub mod token;
pub mod user;
pub mod wechat_identity;
