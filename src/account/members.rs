//! What the mall does with passwords and its own tokens.

use super::{
    Account, Error, SmsPurpose, User,
    event::SecurityEvent,
    logins::TokenKind,
    opaque::{hashed, token_id},
    password::Verified,
    race::{Race, Undone},
    settings::seconds,
};
use crate::{
    storage::{LimitCount, NewUser, Taken, Write},
    types::{Caller, Phone, Secret, Timestamp},
};

/// A user as the mall knows them.
pub struct Member {
    pub user: User,
    pub group_name: String,
}

/// A login that the mall is told about.
pub struct MemberLogin {
    pub token: Secret,
    pub member: Member,
}

impl Account {
    /// Makes a member with a phone number and a password, and logs them in.
    ///
    /// # Errors
    /// [`Error::SmsCodeInvalid`], [`Error::PasswordCommon`], [`Error::PhoneRegistered`], [`Error::Overloaded`].
    pub async fn register(
        &self,
        phone: &Phone,
        password: &Secret,
        code: &Secret,
        caller: &Caller,
    ) -> Result<MemberLogin, Error> {
        let done = self.try_register(phone, password, code, caller).await;
        self.record_member("register", &done, &phone.masked(), caller);
        done
    }

    async fn try_register(
        &self,
        phone: &Phone,
        password: &Secret,
        code: &Secret,
        caller: &Caller,
    ) -> Result<MemberLogin, Error> {
        let core = &*self.0;
        let live = self.check_sms_code(phone, SmsPurpose::Register, code).await?;
        let hash = core.passwords.hash(password, phone.as_str(), &core.random).await?;
        let now = core.clock.now();
        let mut race = Race::default();
        let (token, member) = loop {
            let attempt = async {
                // Whether somebody has the number is not left to the error of the insert, which may mean another race.
                if core.storage.user_by_phone(phone).await?.is_some() {
                    return Err(Error::PhoneRegistered.into());
                }
                let write = core.storage.write().await?;
                if !write.spend_sms_code(&live, now).await? {
                    return Err(Error::SmsCodeInvalid.into());
                }
                let new = NewUser {
                    name: phone.masked(),
                    phone: Some(phone.clone()),
                    unionid: None,
                    password_hash: Some(hash.clone()),
                    avatar: None,
                    sex: 0,
                };
                let user = write.insert_user(new, now).await?;
                self.admit(write, user, now).await
            };
            match attempt.await {
                Ok(admitted) => break admitted,
                Err(undone) => race.again(undone)?,
            }
        };
        self.remember(member.user.id, caller).await;
        Ok(MemberLogin { token, member })
    }

    /// Logs in with a mobile number, or the username of an imported user, and a password. A name that does not
    /// exist costs the same work and gets the same answer as a wrong password.
    ///
    /// # Errors
    /// [`Error::PasswordWrong`], [`Error::TooManyPasswords`], [`Error::UserDisabled`], [`Error::Overloaded`].
    pub async fn log_in_with_password(
        &self,
        name: &str,
        password: &Secret,
        caller: &Caller,
    ) -> Result<MemberLogin, Error> {
        let phone = Phone::mainland(name);
        let subject = phone.as_ref().map_or_else(|| HIDDEN.to_owned(), Phone::masked);
        let done = self.try_log_in_with_password(name, phone, password, caller).await;
        self.record_member("login", &done, &subject, caller);
        done
    }

    async fn try_log_in_with_password(
        &self,
        name: &str,
        phone: Option<Phone>,
        password: &Secret,
        caller: &Caller,
    ) -> Result<MemberLogin, Error> {
        let core = &*self.0;
        let now = core.clock.now();
        let network = caller.network();
        let found = core.storage.credentials(phone.as_ref(), name).await?;
        // Asked for an unknown user as well, who must not be told by a shorter wait.
        let id = found.as_ref().map_or(NOBODY, |(user, _)| user.id);
        let known = core.storage.knows_network(id, &network, now).await?;
        // Counted as wrong before it is looked at, so that a thousand tries at once are not a thousand tries.
        let account = match &found {
            Some((user, _)) => user_subject(user.id),
            None => name_subject(phone.as_ref().map_or(name, Phone::as_str)),
        };
        let counts = self.password_counts(&account, &network, known);
        if let Taken::No { until } = core.storage.take_limits(&counts, now).await? {
            return Err(Error::TooManyPasswords { retry_after: u64::try_from(until - now).unwrap_or(1) });
        }
        let stored = found.as_ref().and_then(|(_, hash)| hash.as_ref());
        let verified = core.passwords.verify(password, stored, &core.random).await;
        if !matches!(verified, Ok(Verified::Wrong)) {
            self.give_back(&counts).await;
        }
        let (new_hash, (user, old_hash)) = match (verified?, found) {
            (Verified::Right, Some((user, Some(hash)))) => (None, (user, hash)),
            (Verified::RightWithNewHash(new), Some((user, Some(hash)))) => (Some(new), (user, hash)),
            _ => return Err(Error::PasswordWrong),
        };
        if let Some(new) = &new_hash {
            core.storage.upgrade_password(user.id, &old_hash, new).await?;
        }
        let hash = new_hash.unwrap_or(old_hash);
        let mut race = Race::default();
        let (token, member) = loop {
            let attempt = async {
                let write = core.storage.write().await?;
                // Hashing takes its time, in which the password may have been reset, or the account disabled.
                let Some((user, Some(now_stored))) = write.locked_user(user.id).await? else {
                    return Err(Error::PasswordWrong.into());
                };
                if now_stored.expose() != hash.expose() {
                    return Err(Error::PasswordWrong.into());
                }
                if user.disabled {
                    return Err(Error::UserDisabled.into());
                }
                self.admit(write, user, now).await
            };
            match attempt.await {
                Ok(admitted) => break admitted,
                Err(undone) => race.again(undone)?,
            }
        };
        self.remember(member.user.id, caller).await;
        Ok(MemberLogin { token, member })
    }

    /// Sets a new password, ends every token of the user in every dialect, and logs them in.
    ///
    /// # Errors
    /// [`Error::SmsCodeInvalid`], [`Error::PasswordCommon`], [`Error::UserDisabled`], [`Error::Overloaded`].
    pub async fn reset_password(
        &self,
        phone: &Phone,
        password: &Secret,
        code: &Secret,
        caller: &Caller,
    ) -> Result<MemberLogin, Error> {
        let done = self.try_reset_password(phone, password, code, caller).await;
        self.record_member("password_reset", &done, &phone.masked(), caller);
        done
    }

    async fn try_reset_password(
        &self,
        phone: &Phone,
        password: &Secret,
        code: &Secret,
        caller: &Caller,
    ) -> Result<MemberLogin, Error> {
        let core = &*self.0;
        let live = self.check_sms_code(phone, SmsPurpose::Password, code).await?;
        let user = core.storage.user_by_phone(phone).await?.ok_or(Error::PhoneUnknown)?;
        if user.disabled {
            return Err(Error::UserDisabled);
        }
        let hash = core.passwords.hash(password, phone.as_str(), &core.random).await?;
        let now = core.clock.now();
        let mut race = Race::default();
        let (token, member) = loop {
            let attempt = async {
                let write = core.storage.write().await?;
                // Hashing takes its time, in which the number may have got another owner, or the account been disabled.
                let user = write.locked_user(user.id).await?.map(|(user, _)| user);
                let user = user.filter(|user| user.phone.as_ref() == Some(phone)).ok_or(Error::SmsCodeInvalid)?;
                if user.disabled {
                    return Err(Error::UserDisabled.into());
                }
                if !write.spend_sms_code(&live, now).await? {
                    return Err(Error::SmsCodeInvalid.into());
                }
                write.set_password(user.id, &hash, now).await?;
                write.end_sessions(user.id, now).await?;
                write.clear_limits(&user_subject(user.id)).await?;
                self.admit(write, user, now).await
            };
            match attempt.await {
                Ok(admitted) => break admitted,
                Err(undone) => race.again(undone)?,
            }
        };
        self.remember(member.user.id, caller).await;
        Ok(MemberLogin { token, member })
    }

    /// Starts a session for the user, and commits what led to it.
    async fn admit(&self, write: Write, user: User, now: Timestamp) -> Result<(Secret, Member), Undone> {
        let token = self.start_session(&write, user.id, None, TokenKind::Mall, now).await?;
        let group_name = write.group_name(user.points).await?.unwrap_or_default();
        write.commit().await?;
        Ok((token, Member { user, group_name }))
    }

    /// Tells whose token it is, lets it last longer, and records who promoted the user.
    ///
    /// # Errors
    /// [`Error::TokenInvalid`], [`Error::UserDisabled`], [`Error::UserGone`].
    pub async fn resume(&self, token: &Secret, promoter_id: Option<i64>) -> Result<Member, Error> {
        let core = &*self.0;
        let now = core.clock.now();
        let rules = &core.settings.mall_tokens;
        let (record, mut user) = self.find(&token_id(token).ok_or(Error::TokenInvalid)?).await?;
        if record.replaced_at.is_some() || record.expires_at <= now {
            return Err(Error::TokenInvalid);
        }
        let expires_at = rules.token_end(now, record.session_started_at);
        // Not more than one write an hour for a token.
        if expires_at - record.expires_at >= seconds(core.settings.mall_extension_step)
            && !core.storage.extend_token(record.id, record.session_id, expires_at).await?
        {
            return Err(Error::TokenInvalid);
        }
        if let (Some(promoter_id), None) = (promoter_id, user.promoter_id)
            && self.record_promoter(user.id, promoter_id).await
        {
            user.promoter_id = Some(promoter_id);
        }
        self.member(user).await
    }

    pub(super) async fn member(&self, user: User) -> Result<Member, Error> {
        let group_name = self.0.storage.group_name(user.points).await?.unwrap_or_default();
        Ok(Member { user, group_name })
    }

    /// Where the account-wide limit does not apply for a while. A login that cannot be remembered is a login.
    pub(super) async fn remember(&self, user_id: i64, caller: &Caller) {
        let until = self.0.clock.now() + seconds(self.0.settings.limits.known_address);
        if let Err(error) = self.0.storage.remember_network(user_id, &caller.network(), until).await {
            tracing::warn!(error = error.to_string(), "where somebody logged in could not be remembered");
        }
    }

    fn password_counts(&self, account: &str, network: &str, known: bool) -> Vec<LimitCount> {
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

    fn record_member(&self, event: &'static str, done: &Result<MemberLogin, Error>, subject: &str, caller: &Caller) {
        let (user, outcome) = match done {
            Ok(login) => (Some(login.member.user.id), "ok"),
            Err(Error::PasswordWrong) => (None, "password wrong"),
            Err(Error::SmsCodeInvalid) => (None, "code invalid"),
            Err(Error::TooManyPasswords { .. }) => (None, "limit reached"),
            Err(Error::UserDisabled) => (None, "disabled"),
            Err(_) => (None, "failed"),
        };
        SecurityEvent { event, outcome, user, subject, caller: Some(caller) }.record();
    }
}

/// Stands in the log for a name that is no phone number: it may be a password in the wrong field.
const HIDDEN: &str = "****";

/// The id of no user.
const NOBODY: i64 = 0;

/// How the subjects begin under which a user's wrong passwords are counted, whatever they were called by.
fn user_subject(id: i64) -> String {
    format!("password:user {id}:")
}

/// The same for a name that is nobody's: of bounded length, whatever was typed.
fn name_subject(name: &str) -> String {
    format!("password:{}:", &hashed(name)[..32])
}
