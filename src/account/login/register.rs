use super::outcome::Login;
use crate::{
    account::{
        Account, Error, NewCredentials, SessionPolicy,
        audit::{AuditEntry, Event, Method},
    },
    storage::{self, Constraint, NewUser},
    types::{ClientIp, SmsPurpose},
};

impl Account {
    /// Creates a user with a phone number and a password, and logs them in.
    pub async fn register(
        &self,
        NewCredentials { phone, password, code }: &NewCredentials,
        policy: &SessionPolicy,
        client: &ClientIp,
    ) -> Result<Login, Error> {
        let entry = AuditEntry::new(Event::Register, Method::SmsCode, client);
        entry.subject(phone.masked());
        let login = async {
            let live = &self.check_sms_code(phone, SmsPurpose::Register, code).await?;
            let hash = &self.0.passwords.hash(password, phone.as_str(), &self.0.random).await?;
            if self.0.storage.user_by_phone(phone).await?.is_some() {
                return Err(Error::PhoneRegistered);
            }
            let now = self.0.clock.now();
            let registered = self.0.storage.transaction(|tx| async move {
                if !tx.spend_sms_code(live, now).await? {
                    return Err(Error::SmsCodeInvalid.into());
                }
                let (phone, password_hash) = (phone.clone(), Some(hash.clone()));
                let new = NewUser { name: phone.masked(), phone: Some(phone), password_hash, ..NewUser::default() };
                let user = match tx.insert_user(new, now).await {
                    Err(storage::Error::Taken(Constraint::UserPhone)) => return Err(Error::PhoneRegistered.into()),
                    inserted => inserted?,
                };
                Ok(self.start_user_session(&tx, user, policy, now).await?)
            });
            let login: Login = registered.await?;
            entry.user(login.user.id);
            Ok(login)
        };
        let login = entry.finish(login.await)?;
        self.remember_network(&login.user, policy, client).await;
        Ok(login)
    }
}
