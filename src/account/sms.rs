use super::{
    Account, Error, SmsCode,
    audit::{AuditEntry, Event, Method},
    settings::seconds,
};
use crate::{
    storage::{LimitCount, LiveCode},
    types::{ClientIp, Phone, SmsPurpose},
    upstream::sms::{SmsError, SmsMessage},
};

impl Account {
    /// Counts a call that asks for an SMS, whatever its outcome.
    pub async fn count_sms_call(&self, client: &ClientIp) -> Result<(), Error> {
        let calls = self.0.settings.limits.sms_calls.count(format!("sms_calls:{}", client.network()));
        self.acquire(&[calls], too_many).await
    }

    /// Sends a code to a number, by SMS. The call has been counted.
    pub async fn send_sms(&self, phone: &Phone, purpose: SmsPurpose, client: &ClientIp) -> Result<(), Error> {
        let entry = AuditEntry::new(Event::SmsCode, Method::SmsCode, client);
        entry.subject(phone.masked());
        let sent = async {
            let registered = self.0.storage.user_by_phone(phone).await?.is_some();
            let code = SmsCode::random(&self.0.random);
            let message = self.sms_message(purpose, registered, &code)?;
            let limits = &self.0.settings.limits;
            let number = phone.as_str();
            let counts = [
                limits.sms_gap.count(format!("sms_gap:{}:{number}", purpose.name())),
                limits.sms_number.count(format!("sms_number:{number}")),
                limits.sms_budget.count("sms_budget".to_owned()),
            ];
            self.acquire(&counts, too_many).await?;
            let sent = self.deliver(phone, &message, &counts).await;
            // The earlier code stays valid until another one is, or may be, on its way.
            if let (Ok(()) | Err(Error::SmsUncertain), SmsMessage::RegisterCode(_) | SmsMessage::PasswordCode(_)) =
                (&sent, &message)
            {
                let hash = self.0.sms_keys.hash(phone, purpose, &code);
                let expires_at = self.0.clock.now() + seconds(limits.sms_code_ttl);
                self.0.storage.put_sms_code(phone, purpose, &hash, expires_at).await?;
            }
            sent
        };
        entry.finish(sent.await)
    }

    /// The message to send; with `hide_registration` also where there is no use for a code.
    fn sms_message(&self, purpose: SmsPurpose, registered: bool, code: &SmsCode) -> Result<SmsMessage, Error> {
        match (purpose, registered) {
            (SmsPurpose::Register, false) => Ok(SmsMessage::RegisterCode(code.secret().clone())),
            (SmsPurpose::Password, true) => Ok(SmsMessage::PasswordCode(code.secret().clone())),
            (SmsPurpose::Register, true) if self.0.settings.hide_registration => Ok(SmsMessage::AlreadyRegistered),
            (SmsPurpose::Password, false) if self.0.settings.hide_registration => Ok(SmsMessage::NotRegistered),
            (SmsPurpose::Register, true) => Err(Error::PhoneRegistered),
            (SmsPurpose::Password, false) => Err(Error::PhoneUnknown),
        }
    }

    /// Hands a message that has been counted to the gateway. What was certainly not sent does not count.
    async fn deliver(&self, phone: &Phone, message: &SmsMessage, counts: &[LimitCount]) -> Result<(), Error> {
        let sent = match &self.0.sms {
            Some(gateway) => gateway.send(phone, message).await,
            None => Err(SmsError::NotSent),
        };
        let error = match sent {
            Ok(()) => return Ok(()),
            Err(SmsError::Unknown) => return Err(Error::SmsUncertain),
            Err(SmsError::Throttled) => Error::SmsThrottled,
            Err(SmsError::OutOfMoney | SmsError::Refused | SmsError::NotSent) => Error::SmsUnavailable,
        };
        self.refund(counts).await;
        Err(error)
    }

    /// Checks a code after counting the try. The code can still be spent once.
    pub(super) async fn check_sms_code(
        &self,
        phone: &Phone,
        purpose: SmsPurpose,
        code: &SmsCode,
    ) -> Result<LiveCode, Error> {
        let core = &*self.0;
        let max_tries = core.settings.limits.sms_code_tries;
        let live = core.storage.count_sms_try(phone, purpose, max_tries, core.clock.now()).await?;
        let live = live.filter(|live| core.sms_keys.verify(&live.code_hash, phone, purpose, code));
        let live = live.ok_or(Error::SmsCodeInvalid)?;
        // It was no wrong try.
        core.storage.refund_sms_try(&live).await?;
        Ok(live)
    }
}

fn too_many(retry_after: u64) -> Error {
    Error::TooManySms { retry_after }
}
