//! One login and what grows out of it: a session is started, authenticated, extended, refreshed and ended alike for
//! every surface, which hands in its policy.

mod authenticate;
mod end;
mod extend;
mod format;
mod jwt;
mod opaque;
mod policy;
mod refresh;
mod start;

pub(super) use self::format::TokenCodec;
pub use self::{
    authenticate::Authenticated,
    format::TokenFormat,
    policy::{Renewal, SessionPolicy},
};
