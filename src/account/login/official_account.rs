//! Login through WeChat's consent page, which is sent a state and returns a code.

use super::{
    identity::{MAX_NAME_CHARS, WechatIdentity, WechatProfile},
    outcome::Login,
};
use crate::{
    account::{
        Account, Error, SessionPolicy,
        audit::{AuditEntry, Event, Method},
        keys::sha256_hex,
    },
    storage::NewState,
    types::{ClientIp, OauthState, Secret},
    upstream::wechat::OfficialUser,
};

/// How long a state lives, in seconds.
pub const STATE_SECONDS: i64 = 600;

/// Where to send the user, and what must be sent back.
pub struct Authorization {
    /// WeChat's consent page.
    pub url: String,
    pub state: OauthState,
    pub appid: String,
    /// What the browser keeps and must send, when the state is bound to it.
    pub browser: Option<Secret>,
}

impl Account {
    /// Begins a login through the consent page. `redirect_uri` is one of the listed return addresses, the first
    /// when none is given.
    pub async fn authorize(
        &self,
        redirect_uri: Option<&str>,
        bind_to_browser: bool,
        client: &ClientIp,
    ) -> Result<Authorization, Error> {
        let core = &*self.0;
        let appid = core.wechat.official_appid().ok_or(Error::OfficialMissing)?.to_owned();
        let listed = &core.settings.return_urls;
        let redirect_uri = match redirect_uri {
            Some(given) => listed.iter().find(|url| *url == given),
            None => listed.first(),
        };
        let redirect_uri = redirect_uri.ok_or(Error::ReturnAddressUnknown)?;
        let states = core.settings.limits.oauth_states.count(format!("oauth_states:{}", client.network()));
        self.acquire(&[states], |retry_after| Error::TooManyFailures { retry_after }).await?;
        let state = OauthState::new(core.random.hex::<16>());
        let url = core.wechat.authorize_url(redirect_uri, &state).ok_or(Error::OfficialMissing)?;
        let browser = bind_to_browser.then(|| Secret::new(core.random.hex::<16>()));
        let browser_hash = browser.as_ref().map(|browser| sha256_hex(browser.expose()));
        let new = NewState {
            state_hash: &sha256_hex(state.as_str()),
            browser_hash: browser_hash.as_deref(),
            redirect_uri,
            expires_at: core.clock.now() + STATE_SECONDS,
        };
        core.storage.insert_oauth_state(new).await?;
        Ok(Authorization { url: url.into(), state, appid, browser })
    }

    /// Ends a login through the consent page: the state is spent, and the code is exchanged.
    pub async fn log_in_with_official_account(
        &self,
        code: &str,
        state: &OauthState,
        browser: Option<&Secret>,
        policy: &SessionPolicy,
        client: &ClientIp,
    ) -> Result<Login, Error> {
        let core = &*self.0;
        let appid = core.wechat.official_appid().ok_or(Error::OfficialMissing)?.to_owned();
        self.check_code_failures(client).await?;
        let browser = browser.map(|browser| sha256_hex(browser.expose()));
        let spent =
            core.storage.spend_oauth_state(&sha256_hex(state.as_str()), browser.as_deref(), core.clock.now()).await?;
        let entry = AuditEntry::new(Event::Login, Method::OfficialAccount, client);
        let login = async {
            if !spent {
                return Err(Error::StateInvalid);
            }
            let OfficialUser { openid, unionid, nickname, sex, avatar } =
                self.map_wechat_error(core.wechat.official_user(code).await, client).await?;
            // WeChat's names may be longer than ours.
            let nickname = nickname.map(|name| name.chars().take(MAX_NAME_CHARS).collect());
            let profile = WechatProfile { nickname, avatar, sex: sex.and_then(|sex| i16::try_from(sex).ok()) };
            let identity = WechatIdentity { appid, openid, unionid, session_key: None, profile };
            self.log_in_identity(identity, policy, &entry).await
        };
        let login = entry.finish(login.await)?;
        self.remember_network(&login.user, policy, client).await;
        Ok(login)
    }
}
