//! The core: what can be done with accounts, in one place for every dialect and without its words.
//!
//! | verb | what it does |
//! |---|---|
//! | [`Account::log_in_with_wechat`] | finds or makes the user behind a `wx.login` code, and starts a session |
//! | [`Account::check`] | tells whose token it is |
//! | [`Account::refresh`] | replaces a token by a new one of the same session |
//! | [`Account::log_out`] | ends the token's session |
//! | [`Account::phone_number`] | asks WeChat for the number behind a phone code |
//! | [`Account::bind_phone`] | gives the number behind a phone code to the token's user |
//! | [`Account::change_profile`] | changes name, avatar and body figures of the token's user |
//! | [`Account::sweep`] | deletes what has expired |
//!
//! [`Operator`] shows, disables, enables, deletes and logs out an account.

mod error;
mod event;
mod jwt;
mod keys;
mod limits;
mod logins;
mod operator;
mod phones;
mod profiles;
mod seal;
mod sessions;
mod settings;
mod sweep;

use std::sync::Arc;

pub use self::{
    error::Error,
    keys::KeySettings,
    logins::WechatLogin,
    operator::{Operator, Shown, ShownIdentity},
    sessions::SignedIn,
    settings::{LimitRule, Settings, SweepSettings, TokenRules},
};
pub use crate::storage::{ProfileChange, User};
use crate::{
    account::{jwt::JwtKeys, seal::SessionKeySeal},
    storage::Storage,
    types::{Clock, Random},
    upstream::wechat::WechatClient,
};

/// The account core. Cheap to clone.
#[derive(Clone)]
pub struct Account(Arc<Core>);

struct Core {
    storage: Storage,
    wechat: WechatClient,
    jwt: JwtKeys,
    seal: SessionKeySeal,
    clock: Clock,
    random: Random,
    settings: Settings,
}

impl Account {
    pub fn new(
        storage: Storage,
        wechat: WechatClient,
        keys: &KeySettings,
        clock: Clock,
        random: Random,
        settings: Settings,
    ) -> Self {
        let jwt = JwtKeys::new(keys);
        let seal = SessionKeySeal::new(keys);
        Self(Arc::new(Core { storage, wechat, jwt, seal, clock, random, settings }))
    }
}
