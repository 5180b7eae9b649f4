//! The way through WeChat's consent page: out with a state, back with a code.

use super::{Account, Error, MemberLogin, event::SecurityEvent, opaque::hashed};
use crate::{
    storage::{NewState, Taken},
    types::{Caller, Secret},
};

/// How long a state may stay away.
pub const STATE_SECONDS: i64 = 600;

/// Where to send the person, and what must come back with them.
pub struct Authorization {
    /// WeChat's consent page.
    pub url: String,
    pub state: String,
    pub appid: String,
    /// What the browser keeps and must bring, when the state is bound to it.
    pub browser: Option<Secret>,
}

impl Account {
    /// Begins a login through the consent page. `redirect_uri` is one of the listed return addresses, the first
    /// when none is given.
    ///
    /// # Errors
    /// [`Error::OfficialMissing`], [`Error::ReturnAddressUnknown`], [`Error::TooManyFailures`].
    pub async fn authorize(
        &self,
        redirect_uri: Option<&str>,
        bind_to_browser: bool,
        caller: &Caller,
    ) -> Result<Authorization, Error> {
        let core = &*self.0;
        let appid = core.wechat.official_appid().ok_or(Error::OfficialMissing)?.to_owned();
        let listed = &core.settings.return_urls;
        let redirect_uri = match redirect_uri {
            Some(given) => listed.iter().find(|url| *url == given),
            None => listed.first(),
        };
        let redirect_uri = redirect_uri.ok_or(Error::ReturnAddressUnknown)?;
        let now = core.clock.now();
        let states = core.settings.limits.oauth_states.count(format!("oauth_states:{}", caller.network()));
        if let Taken::No { until } = core.storage.take_limits(&[states], now).await? {
            return Err(Error::TooManyFailures { retry_after: u64::try_from(until - now).unwrap_or(1) });
        }
        let state = core.random.hex::<16>();
        let url = core.wechat.authorize_url(redirect_uri, &state).ok_or(Error::OfficialMissing)?;
        let browser = bind_to_browser.then(|| Secret::new(core.random.hex::<16>()));
        let browser_hash = browser.as_ref().map(|browser| hashed(browser.expose()));
        let new = NewState {
            state_hash: &hashed(&state),
            browser_hash: browser_hash.as_deref(),
            redirect_uri,
            expires_at: now + STATE_SECONDS,
        };
        core.storage.put_oauth_state(new).await?;
        Ok(Authorization { url: url.into(), state, appid, browser })
    }

    /// Ends a login through the consent page: the state is used up, and the code is exchanged.
    ///
    /// # Errors
    /// [`Error::StateInvalid`], [`Error::LoginCodeInvalid`], [`Error::SnapshotUser`], [`Error::LoginBlocked`],
    /// [`Error::LoginUnavailable`], [`Error::UserDisabled`], [`Error::TooManyFailures`].
    pub async fn log_in_through_page(
        &self,
        code: &str,
        state: &str,
        browser: Option<&Secret>,
        caller: &Caller,
    ) -> Result<MemberLogin, Error> {
        self.check_code_failures(caller).await?;
        let core = &*self.0;
        let browser = browser.map(|browser| hashed(browser.expose()));
        if !core.storage.spend_oauth_state(&hashed(state), browser.as_deref(), core.clock.now()).await? {
            let outcome = "state invalid";
            SecurityEvent { event: "login", outcome, user: None, subject: "", caller: Some(caller) }.record();
            return Err(Error::StateInvalid);
        }
        self.log_in_official(code, caller).await
    }
}
