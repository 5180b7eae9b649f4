use super::outcome::Login;
use crate::{
    account::{
        Account, Error, PlainPassword, SessionPolicy,
        audit::{AuditEntry, Event, Method},
        credential::Verified,
        keys::sha256_hex,
    },
    storage::{Credentials, LimitCount},
    types::{ClientIp, Network, Phone, Secret, UserId},
};

/// Logged instead of a name that is no phone number: it may be a password in the wrong field.
const MASKED_NAME: &str = "****";

/// For how many hashes a login waits while its tries are used up by passwords that are still being compared.
const MAX_WAITS: usize = 20;

impl Account {
    /// Logs in with a mobile number, or the username of an imported user, and a password. A name that does not
    /// exist costs the same work and gets the same error as a wrong password.
    pub async fn log_in_with_password(
        &self,
        name: &str,
        password: &PlainPassword,
        policy: &SessionPolicy,
        client: &ClientIp,
    ) -> Result<Login, Error> {
        let phone = Phone::mainland(name);
        let entry = AuditEntry::new(Event::Login, Method::Password, client);
        entry.subject(phone.as_ref().map_or_else(|| MASKED_NAME.to_owned(), Phone::masked));
        let login = async {
            let found = self.0.storage.credentials(phone.as_ref(), name).await?;
            let name = phone.as_ref().map_or(name, Phone::as_str);
            let verified = &self.verify_password(name, found, password, client).await?;
            let (id, now, entry) = (verified.user, self.0.clock.now(), &entry);
            let login = self.0.storage.transaction(|tx| async move {
                // While it was being compared, the password may have been reset, or the account disabled.
                let Some(Credentials { user, password_hash: Some(hash) }) = tx.locked_credentials(id).await? else {
                    return Err(Error::PasswordWrong.into());
                };
                if hash.expose() != verified.hash.expose() {
                    return Err(Error::PasswordWrong.into());
                }
                entry.user(id);
                if user.disabled {
                    return Err(Error::UserDisabled.into());
                }
                if let Some(hash) = &verified.new_hash {
                    tx.upgrade_password(id, hash).await?;
                }
                Ok(self.start_user_session(&tx, user, policy, now).await?)
            });
            Ok(login.await?)
        };
        let login = entry.finish::<Login>(login.await)?;
        self.remember_network(&login.user, policy, client).await;
        Ok(login)
    }
}

/// A password that was right.
struct VerifiedPassword {
    user: UserId,
    /// The hash it was compared with.
    hash: Secret,
    /// The hash to store instead, when that one was made with older parameters.
    new_hash: Option<Secret>,
}

impl Account {
    /// Compares a password with that of the user who was found under `name`, and counts the try when it is wrong.
    async fn verify_password(
        &self,
        name: &str,
        found: Option<Credentials>,
        password: &PlainPassword,
        client: &ClientIp,
    ) -> Result<VerifiedPassword, Error> {
        let core = &*self.0;
        let network = client.network();
        let id = found.as_ref().map(|credentials| credentials.user.id);
        // Queried for an unknown user as well, so that the response time does not tell which users exist.
        let known = core.storage.knows_network(id, &network, core.clock.now()).await?;
        let account = id.map_or_else(|| name_subject(name), account_subject);
        let counts = self.password_counts(&account, &network, known);
        // Counted as wrong before it is compared, so that concurrent tries cannot exceed the limit.
        self.acquire_password_tries(&counts).await?;
        let stored = found.as_ref().and_then(|credentials| credentials.password_hash.as_ref());
        let verified = core.passwords.verify(password, stored, &core.random).await;
        if !matches!(verified, Ok(Verified::Wrong)) {
            self.refund(&counts).await;
        }
        let new_hash = match verified? {
            Verified::Wrong => return Err(Error::PasswordWrong),
            Verified::Right => None,
            Verified::RightWithNewHash(hash) => Some(hash),
        };
        match found {
            Some(Credentials { user, password_hash: Some(hash) }) => {
                Ok(VerifiedPassword { user: user.id, hash, new_hash })
            }
            _ => Err(Error::PasswordWrong),
        }
    }

    fn password_counts(&self, account: &str, network: &Network, known: bool) -> Vec<LimitCount> {
        let limits = &self.0.settings.limits;
        let mut counts = vec![
            limits.password_account_address.count(format!("{account}{network}")),
            limits.password_address.count(format!("password_address:{network}")),
        ];
        if !known {
            counts.push(limits.password_account.count(format!("{account}everywhere")));
        }
        counts
    }

    /// Takes a try of each count. The try of a right password is given back, so a refusal is final only when no
    /// password is being compared.
    async fn acquire_password_tries(&self, counts: &[LimitCount]) -> Result<(), Error> {
        for waits_left in (0..MAX_WAITS).rev() {
            match self.acquire(counts, |retry_after| Error::TooManyPasswords { retry_after }).await {
                Err(Error::TooManyPasswords { .. }) if waits_left > 0 && self.0.passwords.is_busy() => {
                    self.0.passwords.wait_for_hash().await;
                }
                outcome => return outcome,
            }
        }
        Err(Error::Overloaded)
    }
}

/// The prefix of the subjects under which a user's wrong passwords are counted, for any name of the user.
pub(super) fn account_subject(id: UserId) -> String {
    format!("password:user {id}:")
}

/// The same for an unknown name; of bounded length.
fn name_subject(name: &str) -> String {
    format!("password:{}:", &sha256_hex(name)[..32])
}
