use super::{Account, Error, event::SecurityEvent};
use crate::{
    storage,
    types::{Caller, Phone, Secret, mask_openid},
    upstream::wechat::WechatError,
};

/// How often a binding that got in another transaction's way is tried again.
const TRIES: usize = 3;

impl Account {
    /// The number behind a phone code of the mini program.
    ///
    /// # Errors
    /// [`Error::PhoneCodeInvalid`], [`Error::PhoneUnavailable`], [`Error::TooManyFailures`].
    pub async fn phone_number(&self, code: &str, caller: &Caller) -> Result<Phone, Error> {
        self.check_code_failures(caller).await?;
        let phone = self.0.wechat.phone_number(code, None).await.map_err(Error::from_phone_call);
        if let Err(Error::PhoneCodeInvalid) = phone {
            self.count_code_failure(caller).await?;
        }
        phone
    }

    /// Gives the number behind a phone code to the token's user, in place of an earlier one. The code must have
    /// been issued to that user: WeChat compares the openid.
    ///
    /// # Errors
    /// As [`Account::check`] and [`Account::phone_number`]; [`Error::PhoneTaken`].
    pub async fn bind_phone(&self, token: &Secret, code: &str, caller: &Caller) -> Result<(), Error> {
        let signed_in = self.check(token).await?;
        let user = Some(signed_in.user.id);
        let phone = match self.0.wechat.phone_number(code, Some(&signed_in.openid)).await {
            Ok(phone) => phone,
            Err(error) => {
                let subject = mask_openid(&signed_in.openid);
                let event = "phone_bind";
                SecurityEvent { event, outcome: "refused by wechat", user, subject: &subject, caller: Some(caller) }
                    .record();
                return Err(Error::from_phone_call(error));
            }
        };
        let bound = self.give_phone(signed_in.user.id, &phone).await;
        let outcome = match bound {
            Ok(()) => "ok",
            Err(Error::PhoneTaken) => "another user has it",
            Err(_) => "failed",
        };
        SecurityEvent { event: "phone_bind", outcome, user, subject: &phone.masked(), caller: Some(caller) }.record();
        bound
    }

    async fn give_phone(&self, user_id: i64, phone: &Phone) -> Result<(), Error> {
        for _ in 0..TRIES {
            match self.0.storage.set_phone(user_id, phone, self.0.clock.now()).await {
                Ok(true) => return Ok(()),
                Ok(false) => return Err(Error::UserGone),
                // The number is taken, or the engine chose this statement to give way to another.
                Err(storage::Error::Conflict) => {
                    let owner = self.0.storage.user_by_phone(phone).await?;
                    if owner.is_some_and(|owner| owner.id != user_id) {
                        return Err(Error::PhoneTaken);
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(storage::Error::Conflict.into())
    }
}

impl Error {
    fn from_phone_call(error: WechatError) -> Self {
        match error {
            // WeChat names neither for a phone code; were it to, the code would be of no use.
            WechatError::CodeInvalid | WechatError::UserBlocked | WechatError::SnapshotUser => Self::PhoneCodeInvalid,
            WechatError::Unavailable => Self::PhoneUnavailable,
        }
    }
}
