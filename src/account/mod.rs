//! The core: what can be done with accounts, for every surface and without messages.
//!
//! | place | what it does |
//! |---|---|
//! | `session/` | starts, authenticates, extends, refreshes and ends sessions, in the format and by the policy of a surface |
//! | `login/` | logs in by password, mini program or official account; registers; resets a password |
//! | `credential/` | new passwords, SMS codes, and their hashes |
//! | `phone`, `profile`, `referral` | what a user changes about themselves |
//! | `sms` | sends and checks SMS codes |
//! | `limit` | counts what is limited |
//! | `audit` | writes security events |
//! | `admin` | shows, disables, enables, deletes and logs out an account |
//! | `cleanup` | deletes what has expired |
//!
//! The verbs are methods of [`Account`]; [`Admin`] has those of an administrator. Values that are passed together have
//! types of their own, so that
//!
//! ```
//! # use passport::{account::{NewCredentials, NewPassword, SmsCode}, types::Phone};
//! # fn f(phone: Phone, password: NewPassword, code: SmsCode) -> NewCredentials {
//! NewCredentials { phone, password, code }
//! # }
//! ```
//!
//! compiles, and with two of them swapped does not:
//!
//! ```compile_fail,E0308
//! # use passport::{account::{NewCredentials, NewPassword, SmsCode}, types::Phone};
//! # fn f(phone: Phone, password: NewPassword, code: SmsCode) -> NewCredentials {
//! NewCredentials { phone, password: code, code: password }
//! # }
//! ```

mod admin;
mod audit;
mod cleanup;
mod core;
mod credential;
mod error;
#[cfg(test)]
mod every_error;
mod keys;
mod limit;
mod login;
mod phone;
mod profile;
mod referral;
mod session;
mod settings;
mod sms;

pub use self::{
    admin::{Admin, UserDetails},
    core::Account,
    credential::{NewCredentials, NewPassword, PasswordSettings, PlainPassword, SmsCode},
    error::Error,
    keys::KeySettings,
    login::{Authorization, Login, STATE_SECONDS, WechatProfile},
    session::{Authenticated, Renewal, SessionPolicy, TokenFormat},
    settings::{CleanupSettings, LimitRule, LoginLimits, Settings},
};
pub use crate::storage::{ProfileChange, User};
