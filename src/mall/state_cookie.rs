//! The cookies that bind a `state` to the browser that requested it.

use std::time::Duration;

use poem::{
    FromRequest, Request, RequestBody,
    http::header::COOKIE,
    web::cookie::{Cookie, SameSite},
};

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

/// The cookie that binds the state to a browser by a secret.
pub(super) fn state_cookie(state: &OauthState, browser: &Secret, secure: bool) -> Cookie {
    let mut cookie = Cookie::new_with_str(name(state), browser.expose());
    cookie.set_path("/wechat.auth/login");
    cookie.set_max_age(Duration::from_secs(STATE_SECONDS.unsigned_abs()));
    cookie.set_http_only(true);
    cookie.set_same_site(SameSite::Lax);
    cookie.set_secure(secure);
    cookie
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
            .filter_map(|cookie| Cookie::parse(cookie.trim()).ok())
            .filter(|cookie| cookie.name().starts_with(PREFIX))
            .map(|cookie| (cookie.name().to_owned(), Secret::new(cookie.value_str())));
        Ok(Self(cookies.collect()))
    }
}
