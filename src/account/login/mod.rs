//! Login methods: each ends with a session.

mod identity;
mod mini_program;
mod official_account;
mod outcome;
mod password;
mod register;
mod reset_password;
mod seal;

pub(super) use self::seal::SessionKeySeal;
pub use self::{
    identity::WechatProfile,
    official_account::{Authorization, STATE_SECONDS},
    outcome::Login,
};
