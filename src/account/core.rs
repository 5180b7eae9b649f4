use std::sync::Arc;

use super::{
    credential::{PasswordHashing, SmsCodeKeys},
    keys::KeySettings,
    login::SessionKeySeal,
    session::TokenCodec,
    settings::Settings,
};
use crate::{
    storage::Storage,
    types::{Clock, Random},
    upstream::{sms::SmsGateway, wechat::WechatClient},
};

/// The account core. Cheap to clone.
#[derive(Clone)]
pub struct Account(pub(super) Arc<Core>);

/// What the verbs work with.
pub(super) struct Core {
    pub(super) storage: Storage,
    pub(super) wechat: WechatClient,
    pub(super) sms: Option<SmsGateway>,
    pub(super) tokens: TokenCodec,
    pub(super) seal: SessionKeySeal,
    pub(super) sms_keys: SmsCodeKeys,
    pub(super) passwords: PasswordHashing,
    pub(super) clock: Clock,
    pub(super) random: Random,
    pub(super) settings: Settings,
}

impl Account {
    /// `sms` is `None` where no gateway can be reached; then no message is sent.
    pub fn new(
        storage: Storage,
        wechat: WechatClient,
        sms: Option<SmsGateway>,
        keys: &KeySettings,
        clock: Clock,
        random: Random,
        settings: Settings,
    ) -> Self {
        let tokens = TokenCodec::new(keys, random.clone());
        let seal = SessionKeySeal::new(keys);
        let sms_keys = SmsCodeKeys::new(keys);
        let passwords = PasswordHashing::new(&settings.password, &random);
        Self(Arc::new(Core { storage, wechat, sms, tokens, seal, sms_keys, passwords, clock, random, settings }))
    }
}
