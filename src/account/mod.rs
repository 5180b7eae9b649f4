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
//! | [`Account::send_sms`] | sends a code to a number |
//! | [`Account::register`] | makes a member with a number and a password |
//! | [`Account::log_in_with_password`] | logs a member in |
//! | [`Account::reset_password`] | sets a new password, and ends every token of the user |
//! | [`Account::resume`] | tells whose token of the mall it is, and lets it last longer |
//! | [`Account::authorize`], [`Account::log_in_through_page`] | the way through WeChat's consent page |
//! | [`Account::log_in_member_with_wechat`] | logs a mini program's user in to the mall |
//! | [`Account::sweep`] | deletes what has expired |
//!
//! [`Operator`] shows, disables, enables, deletes and logs out an account.

mod error;
mod event;
#[cfg(test)]
mod every_error;
mod jwt;
mod keys;
mod limits;
mod logins;
mod members;
mod official;
mod opaque;
mod operator;
mod password;
mod phones;
mod profiles;
mod promotion;
mod race;
mod seal;
mod sessions;
mod settings;
mod sms_codes;
mod sweep;

use std::sync::Arc;

pub use self::{
    error::Error,
    keys::KeySettings,
    logins::{WechatLogin, WechatProfile},
    members::{Member, MemberLogin},
    official::{Authorization, STATE_SECONDS},
    operator::{Operator, Shown, ShownIdentity},
    password::PasswordSettings,
    sessions::SignedIn,
    settings::{LimitRule, MemberLimits, Settings, SweepSettings, TokenRules},
    sms_codes::SmsPurpose,
};
pub use crate::storage::{ProfileChange, User};
use crate::{
    account::{jwt::JwtKeys, password::PasswordHashing, seal::SessionKeySeal, sms_codes::SmsCodeKeys},
    storage::Storage,
    types::{Clock, Random},
    upstream::{sms::SmsGateway, wechat::WechatClient},
};

/// The account core. Cheap to clone.
#[derive(Clone)]
pub struct Account(Arc<Core>);

struct Core {
    storage: Storage,
    wechat: WechatClient,
    sms: Option<SmsGateway>,
    jwt: JwtKeys,
    seal: SessionKeySeal,
    sms_keys: SmsCodeKeys,
    passwords: PasswordHashing,
    clock: Clock,
    random: Random,
    settings: Settings,
}

impl Account {
    pub fn new(
        storage: Storage,
        wechat: WechatClient,
        sms: Option<SmsGateway>,
        keys: &KeySettings,
        clock: Clock,
        random: Random,
        settings: Settings,
    ) -> Self {
        let jwt = JwtKeys::new(keys);
        let seal = SessionKeySeal::new(keys);
        let sms_keys = SmsCodeKeys::new(keys);
        let passwords = PasswordHashing::new(&settings.password, &random);
        Self(Arc::new(Core { storage, wechat, sms, jwt, seal, sms_keys, passwords, clock, random, settings }))
    }
}
