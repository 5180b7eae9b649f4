//! The cookies that bind a `state` to the browser that requested it.

use poem::{FromRequest, Request, RequestBody, http::header::COOKIE};

use crate::{
    account::STATE_SECONDS,
    types::{OauthState, Secret},
};

/// Followed by the beginning of the state, so that two tabs of one browser do not overwrite each other's cookie.
const PREFIX: &str = "passport_state_";

fn name(state: &OauthState) -> String {
    let state = state.as_str();
    format!("{PREFIX}{}", state.get(..8).unwrap_or(state))
}

/// The value of `Set-Cookie` that binds the state to a browser by a secret.
pub(super) fn set_cookie(state: &OauthState, browser: &Secret, secure: bool) -> String {
    let secure = if secure { "; Secure" } else { "" };
    let (name, value) = (name(state), browser.expose());
    format!("{name}={value}; Path=/wechat.auth/login; Max-Age={STATE_SECONDS}; HttpOnly; SameSite=Lax{secure}")
}

/// The names and values of these cookies in a request.
pub(super) struct StateCookies(Vec<(String, Secret)>);

impl StateCookies {
    /// The secret that binds the state to this browser.
    pub(super) fn browser(&self, state: &OauthState) -> Option<&Secret> {
        let name = name(state);
        self.0.iter().find(|(cookie, _)| *cookie == name).map(|(_, value)| value)
    }
}

impl<'a> FromRequest<'a> for StateCookies {
    async fn from_request(request: &'a Request, _body: &mut RequestBody) -> poem::Result<Self> {
        let headers = request.headers().get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        let cookies = headers
            .flat_map(|cookies| cookies.split(';'))
            .filter_map(|cookie| cookie.trim().split_once('='))
            .filter(|(name, _)| name.starts_with(PREFIX))
            .map(|(name, value)| (name.to_owned(), Secret::new(value)));
        Ok(Self(cookies.collect()))
    }
}
