//! What the mall does with passwords and its own tokens.

use super::{
    Account, Error, SmsPurpose, User,
    event::SecurityEvent,
    logins::TokenKind,
    opaque::{hashed, token_id},
    password::Verified,
    settings::seconds,
};
use crate::{
    storage::{self, LimitCount, NewUser, Taken},
    types::{Caller, Phone, Secret, mask_phone},
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
        let write = core.storage.write().await?;
        if !write.spend_sms_code(&live, now).await? {
            return Err(Error::SmsCodeInvalid);
        }
        let new = NewUser {
            name: phone.masked(),
            phone: Some(phone.clone()),
            unionid: None,
            password_hash: Some(hash),
            avatar: None,
            sex: 0,
        };
        let user = match write.insert_user(new, now).await {
            Err(storage::Error::Conflict) => return Err(Error::PhoneRegistered),
            other => other?,
        };
        let token = self.start_session(&write, user.id, None, TokenKind::Mall, now).await?;
        write.commit().await?;
        self.remember(&user, caller).await?;
        Ok(MemberLogin { token, member: self.member(user).await? })
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
        let subject = phone.as_ref().map_or_else(|| mask_phone(name), Phone::masked);
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
        let counts = self.password_counts(phone.as_ref().map_or(name, Phone::as_str), &network, known);
        if let Taken::No { until } = core.storage.take_limits(&counts, now).await? {
            return Err(Error::TooManyPasswords { retry_after: u64::try_from(until - now).unwrap_or(1) });
        }
        let stored = found.as_ref().and_then(|(_, hash)| hash.as_ref());
        let verified = core.passwords.verify(password, stored, &core.random).await;
        let subjects: Vec<&str> = counts.iter().map(|count| count.subject.as_str()).collect();
        let (new_hash, (user, stored)) = match (verified, found) {
            (Ok(Verified::Right), Some((user, stored))) => (None, (user, stored)),
            (Ok(Verified::RightWithNewHash(new)), Some((user, stored))) => (Some(new), (user, stored)),
            (Ok(_), _) => return Err(Error::PasswordWrong),
            (Err(error), _) => {
                core.storage.give_back_limits(&subjects, now).await?;
                return Err(error);
            }
        };
        core.storage.give_back_limits(&subjects, now).await?;
        if user.disabled {
            return Err(Error::UserDisabled);
        }
        if let (Some(new), Some(old)) = (new_hash, stored) {
            core.storage.upgrade_password(user.id, &old, &new).await?;
        }
        let write = core.storage.write().await?;
        let token = self.start_session(&write, user.id, None, TokenKind::Mall, now).await?;
        write.commit().await?;
        self.remember(&user, caller).await?;
        Ok(MemberLogin { token, member: self.member(user).await? })
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
        let write = core.storage.write().await?;
        if !write.spend_sms_code(&live, now).await? {
            return Err(Error::SmsCodeInvalid);
        }
        if !write.set_password(user.id, &hash, now).await? {
            return Err(Error::PhoneUnknown);
        }
        write.end_sessions(user.id, now).await?;
        for name in [Some(phone.as_str()), user.username.as_deref()].into_iter().flatten() {
            write.clear_limits(&format!("password:{}:", short_hash(name))).await?;
        }
        let token = self.start_session(&write, user.id, None, TokenKind::Mall, now).await?;
        write.commit().await?;
        self.remember(&user, caller).await?;
        Ok(MemberLogin { token, member: self.member(user).await? })
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
            && self.record_promoter(user.id, promoter_id).await?
        {
            user.promoter_id = Some(promoter_id);
        }
        self.member(user).await
    }

    pub(super) async fn member(&self, user: User) -> Result<Member, Error> {
        let group_name = self.0.storage.group_name(user.points).await?.unwrap_or_default();
        Ok(Member { user, group_name })
    }

    /// Where the account-wide limit does not apply for a while.
    async fn remember(&self, user: &User, caller: &Caller) -> Result<(), Error> {
        let until = self.0.clock.now() + seconds(self.0.settings.limits.known_address);
        Ok(self.0.storage.remember_network(user.id, &caller.network(), until).await?)
    }

    fn password_counts(&self, name: &str, network: &str, known: bool) -> Vec<LimitCount> {
        let limits = &self.0.settings.limits;
        let account = format!("password:{}:", short_hash(name));
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

/// The id of no user.
const NOBODY: i64 = 0;

/// A name in the subject of a limit: of bounded length, whatever was typed.
fn short_hash(name: &str) -> String {
    hashed(name)[..32].to_owned()
}
