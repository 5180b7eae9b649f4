use super::{
    Account, Authenticated, Error, SessionPolicy,
    audit::{AuditEntry, Event, Method},
};
use crate::{
    storage::{self, Constraint},
    types::{ClientIp, Phone, PlainToken, UserId, mask_openid},
    upstream::wechat::WechatError,
};

impl Account {
    /// The number behind a phone code of the mini program.
    pub async fn phone_number(&self, code: &str, client: &ClientIp) -> Result<Phone, Error> {
        let code = self.0.wechat.phone_code(code, None);
        self.check_code_failures(client).await?;
        let phone = code.number().await.map_err(phone_error);
        if let Err(Error::PhoneCodeInvalid) = phone {
            self.count_code_failure(client).await?;
        }
        phone
    }

    /// Gives the number behind a phone code to the token's user, in place of an earlier one. The code must have
    /// been issued to that user: WeChat compares the openid.
    pub async fn bind_phone(
        &self,
        token: &PlainToken,
        code: &str,
        policy: &SessionPolicy,
        client: &ClientIp,
    ) -> Result<(), Error> {
        let Authenticated { user, subject, .. } = self.authenticate(token, policy).await?;
        let openid = subject.unwrap_or_default();
        let entry = AuditEntry::new(Event::PhoneBind, Method::PhoneCode, client);
        entry.user(user.id);
        let bound = async {
            let phone = self.0.wechat.phone_number(code, Some(&openid)).await.map_err(|error| {
                entry.subject(mask_openid(&openid));
                phone_error(error)
            })?;
            entry.subject(phone.masked());
            self.set_phone(user.id, &phone).await
        };
        entry.finish(bound.await)
    }

    async fn set_phone(&self, user: UserId, phone: &Phone) -> Result<(), Error> {
        match self.0.storage.set_phone(user, phone, self.0.clock.now()).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(Error::UserGone),
            Err(storage::Error::Taken(Constraint::UserPhone)) => Err(Error::PhoneTaken),
            Err(error) => Err(error.into()),
        }
    }
}

fn phone_error(error: WechatError) -> Error {
    match error {
        // WeChat names none of these for a phone code but the first; were it to, the code would be of no use.
        WechatError::CodeInvalid | WechatError::UserBlocked | WechatError::SnapshotUser => Error::PhoneCodeInvalid,
        WechatError::Unavailable => Error::PhoneUnavailable,
    }
}
