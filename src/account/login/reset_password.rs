use super::{outcome::Login, password::account_subject};
use crate::{
    account::{
        Account, Error, NewCredentials, SessionPolicy,
        audit::{AuditEntry, Event, Method},
    },
    types::{ClientIp, SmsPurpose},
};

impl Account {
    /// Sets a new password, ends every session of the user on every surface, and logs them in.
    pub async fn reset_password(
        &self,
        NewCredentials { phone, password, code }: &NewCredentials,
        policy: &SessionPolicy,
        client: &ClientIp,
    ) -> Result<Login, Error> {
        let core = &*self.0;
        let entry = AuditEntry::new(Event::PasswordReset, Method::SmsCode, client);
        entry.subject(phone.masked());
        let login = async {
            let live = &self.check_sms_code(phone, SmsPurpose::Password, code).await?;
            let user = core.storage.user_by_phone(phone).await?.ok_or(Error::PhoneUnknown)?;
            entry.user(user.id);
            if user.disabled {
                return Err(Error::UserDisabled);
            }
            let (id, now) = (user.id, core.clock.now());
            let hash = &core.passwords.hash(password, phone.as_str(), &core.random).await?;
            let reset = core.storage.transaction(|tx| async move {
                // During hashing, the number may have got another owner, or the account may have been disabled.
                let user = tx.locked_credentials(id).await?.map(|credentials| credentials.user);
                let user = user.filter(|user| user.phone.as_ref() == Some(phone)).ok_or(Error::SmsCodeInvalid)?;
                if user.disabled {
                    return Err(Error::UserDisabled.into());
                }
                if !tx.spend_sms_code(live, now).await? {
                    return Err(Error::SmsCodeInvalid.into());
                }
                tx.set_password(id, hash, now).await?;
                tx.end_sessions(id, now).await?;
                tx.clear_limits(&account_subject(id)).await?;
                Ok(self.start_user_session(&tx, user, policy, now).await?)
            });
            Ok(reset.await?)
        };
        let login = entry.finish::<Login>(login.await)?;
        self.remember_network(&login.user, policy, client).await;
        Ok(login)
    }
}
