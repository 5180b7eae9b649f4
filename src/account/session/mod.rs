//! Sessions: a login and the tokens that come from it. They are started, authenticated, extended, refreshed and ended
//! in the same way for every surface, which passes in its policy.

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
