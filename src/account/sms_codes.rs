use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign, verify};

use super::{Account, Error, event::SecurityEvent, keys::KeySettings, settings::seconds};
use crate::{
    storage::{LimitCount, LiveCode, Taken},
    types::{Caller, Phone, Secret},
    upstream::sms::{SmsError, SmsMessage},
};

const DIGITS: usize = 6;

/// What an SMS code is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmsPurpose {
    Register,
    Password,
}

impl SmsPurpose {
    fn name(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Password => "password",
        }
    }
}

/// The keyed hash of codes, which makes a dump of the database useless: without the key, six digits would be
/// found by trying.
pub(super) struct SmsCodeKeys(Vec<Key>);

impl SmsCodeKeys {
    pub(super) fn new(keys: &KeySettings) -> Self {
        Self(keys.derive("sms code").iter().map(|key| Key::new(HMAC_SHA256, key)).collect())
    }

    fn hash(&self, phone: &Phone, purpose: SmsPurpose, code: &Secret) -> String {
        hex::encode(sign(&self.0[0], text(phone, purpose, code).as_bytes()))
    }

    fn fits(&self, hash: &str, phone: &Phone, purpose: SmsPurpose, code: &Secret) -> bool {
        let text = text(phone, purpose, code);
        hex::decode(hash).is_ok_and(|hash| self.0.iter().any(|key| verify(key, text.as_bytes(), &hash).is_ok()))
    }
}

fn text(phone: &Phone, purpose: SmsPurpose, code: &Secret) -> String {
    format!("{}\n{}\n{}", purpose.name(), phone.as_str(), code.expose())
}

impl Account {
    /// Sends a code to a number, by SMS.
    ///
    /// # Errors
    /// [`Error::TooManySms`], [`Error::PhoneRegistered`], [`Error::PhoneUnknown`], [`Error::SmsThrottled`],
    /// [`Error::SmsUnavailable`], [`Error::SmsUncertain`].
    pub async fn send_sms(&self, phone: &Phone, purpose: SmsPurpose, caller: &Caller) -> Result<(), Error> {
        let sent = self.try_send_sms(phone, purpose, caller).await;
        let outcome = match &sent {
            Ok(()) => "ok",
            Err(Error::TooManySms { .. }) => "limit reached",
            Err(Error::PhoneRegistered | Error::PhoneUnknown) => "wrong purpose",
            Err(_) => "failed",
        };
        SecurityEvent { event: "sms_code", outcome, user: None, subject: &phone.masked(), caller: Some(caller) }
            .record();
        sent
    }

    async fn try_send_sms(&self, phone: &Phone, purpose: SmsPurpose, caller: &Caller) -> Result<(), Error> {
        let core = &*self.0;
        let limits = &core.settings.limits;
        let calls = limits.sms_calls.count(format!("sms_calls:{}", caller.network()));
        self.take(&[calls]).await?;

        let registered = core.storage.user_by_phone(phone).await?.is_some();
        let message = match (purpose, registered) {
            (SmsPurpose::Register, true) if core.settings.hide_registration => SmsMessage::AlreadyRegistered,
            (SmsPurpose::Password, false) if core.settings.hide_registration => SmsMessage::NotRegistered,
            (SmsPurpose::Register, true) => return Err(Error::PhoneRegistered),
            (SmsPurpose::Password, false) => return Err(Error::PhoneUnknown),
            (SmsPurpose::Register, false) => SmsMessage::RegisterCode(Secret::new(core.random.digits(DIGITS))),
            (SmsPurpose::Password, true) => SmsMessage::PasswordCode(Secret::new(core.random.digits(DIGITS))),
        };
        let number = phone.as_str();
        let counts = [
            limits.sms_gap.count(format!("sms_gap:{}:{number}", purpose.name())),
            limits.sms_number.count(format!("sms_number:{number}")),
            limits.sms_budget.count("sms_budget".to_owned()),
        ];
        self.take(&counts).await?;

        self.deliver(phone, purpose, &message, &counts).await
    }

    /// Sends a message that has been counted.
    async fn deliver(
        &self,
        phone: &Phone,
        purpose: SmsPurpose,
        message: &SmsMessage,
        counts: &[LimitCount],
    ) -> Result<(), Error> {
        let core = &*self.0;
        let sent = match &core.sms {
            Some(gateway) => gateway.send(phone, message).await,
            None => Err(SmsError::NotSent),
        };
        let now = core.clock.now();
        if let Err(SmsError::Throttled | SmsError::OutOfMoney | SmsError::Refused | SmsError::NotSent) = sent {
            self.give_back(counts).await;
        }
        // The code before stays until another one is, or may be, on its way.
        if let (Ok(()) | Err(SmsError::Unknown), SmsMessage::RegisterCode(code) | SmsMessage::PasswordCode(code)) =
            (&sent, message)
        {
            let hash = core.sms_keys.hash(phone, purpose, code);
            let expires_at = now + seconds(core.settings.limits.sms_code_ttl);
            core.storage.put_sms_code(phone, purpose.name(), &hash, expires_at).await?;
        }
        sent.map_err(|error| match error {
            SmsError::Throttled => Error::SmsThrottled,
            SmsError::Unknown => Error::SmsUncertain,
            SmsError::OutOfMoney | SmsError::Refused | SmsError::NotSent => Error::SmsUnavailable,
        })
    }

    async fn take(&self, counts: &[LimitCount]) -> Result<(), Error> {
        let now = self.0.clock.now();
        match self.0.storage.take_limits(counts, now).await? {
            Taken::Yes => Ok(()),
            Taken::No { until } => Err(Error::TooManySms { retry_after: u64::try_from(until - now).unwrap_or(1) }),
        }
    }

    /// Looks whether the code fits, after counting the try. The code can still be spent once.
    pub(super) async fn check_sms_code(
        &self,
        phone: &Phone,
        purpose: SmsPurpose,
        code: &Secret,
    ) -> Result<LiveCode, Error> {
        let core = &*self.0;
        let max_tries = core.settings.limits.sms_code_tries;
        let live = core.storage.try_sms_code(phone, purpose.name(), max_tries, core.clock.now()).await?;
        let live = live.filter(|live| core.sms_keys.fits(&live.code_hash, phone, purpose, code));
        let live = live.ok_or(Error::SmsCodeInvalid)?;
        // It was no wrong try.
        core.storage.give_back_sms_try(&live).await?;
        Ok(live)
    }
}
