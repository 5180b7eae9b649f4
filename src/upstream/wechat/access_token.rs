use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use reqwest::RequestBuilder;
use serde::Deserialize;
use serde_json::json;

use super::{
    api::{Api, Call},
    errcode::{self, App, Outcome},
    error::{CallError, WechatError},
    response::{Number, access_token, success},
    singleflight::Group,
};
use crate::types::{Clock, Secret, Timestamp};

/// How long before its end a token is renewed, in seconds. From then on WeChat issues a new one, and both are valid.
const RENEWAL: u32 = 300;

/// `stable_token`: fetches the app's access token.
pub(super) struct StableToken;

pub(super) struct IssuedToken {
    token: Secret,
    /// Seconds.
    expires_in: u32,
}

#[derive(Deserialize)]
struct Response {
    access_token: Option<Secret>,
    expires_in: Option<Number>,
}

impl Call for StableToken {
    const NAME: &'static str = "stable_token";
    const SPENDS_CODE: bool = false;
    type Output = IssuedToken;

    fn request(&self, api: &Api) -> Result<RequestBuilder, CallError> {
        let (appid, secret) = (&api.mini.appid, api.mini.secret.expose());
        let body = json!({ "grant_type": "client_credential", "appid": appid, "secret": secret });
        Ok(api.post("cgi-bin/stable_token").json(&body))
    }

    fn parse(&self, body: &[u8]) -> Result<IssuedToken, CallError> {
        let response: Response = success(body, outcome)?;
        let token = access_token(response.access_token)?;
        let expires_in = response
            .expires_in
            .and_then(Number::value)
            .and_then(|seconds| u32::try_from(seconds).ok())
            .filter(|seconds| *seconds > 0)
            .ok_or(CallError::Unreadable("no usable expires_in"))?;
        Ok(IssuedToken { token, expires_in })
    }
}

fn outcome(errcode: i64) -> Outcome {
    match errcode {
        // Elsewhere this is a stale access token; here none was sent.
        40001 => Outcome::Misconfigured("the app secret (wechat.mini.secret)"),
        _ => errcode::outcome(errcode, App::Mini),
    }
}

/// The app's access token, cached while it is valid. Concurrent callers share one fetch.
pub(super) struct AccessTokens {
    cache: Arc<Cache>,
    fetches: Group<(), Result<Secret, WechatError>>,
}

struct Cache {
    api: Arc<Api>,
    clock: Clock,
    token: Mutex<Option<CachedToken>>,
}

struct CachedToken {
    token: Secret,
    renew_at: Timestamp,
}

impl AccessTokens {
    pub(super) fn new(api: Arc<Api>, clock: Clock) -> Self {
        Self { cache: Arc::new(Cache { api, clock, token: Mutex::default() }), fetches: Group::new() }
    }

    /// The cached token, or a new one.
    pub(super) async fn get(&self) -> Result<Secret, WechatError> {
        if let Some(token) = self.cache.current() {
            return Ok(token);
        }
        let cache = self.cache.clone();
        let fetch = async move {
            // Another fetch may have ended since the check above.
            match cache.current() {
                Some(token) => Ok(token),
                None => cache.fetch().await,
            }
        };
        self.fetches.join((), fetch).outcome().await.unwrap_or(Err(WechatError::Unavailable))
    }

    /// Drops the cached token if it is still the `refused` one.
    pub(super) fn discard(&self, refused: &Secret) {
        self.cache.lock().take_if(|cached| cached.token.expose() == refused.expose());
    }
}

impl Cache {
    fn current(&self) -> Option<Secret> {
        let now = self.clock.now();
        self.lock().as_ref().filter(|cached| now < cached.renew_at).map(|cached| cached.token.clone())
    }

    async fn fetch(&self) -> Result<Secret, WechatError> {
        // Before the call, so that its duration is not added to the token's life.
        let asked_at = self.clock.now();
        let IssuedToken { token, expires_in } = self.api.call(&StableToken, self.api.deadline()).await?;
        let renew_at = asked_at.saturating_add(cached_for(expires_in));
        *self.lock() = Some(CachedToken { token: token.clone(), renew_at });
        Ok(token)
    }

    fn lock(&self) -> MutexGuard<'_, Option<CachedToken>> {
        // A token is replaced in one step, so a panic elsewhere leaves the cache consistent.
        self.token.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Seconds for which a token with `expires_in` seconds to live is used: until five minutes before its end, or for half
/// of its life if that is shorter.
fn cached_for(expires_in: u32) -> i64 {
    i64::from(expires_in - RENEWAL.min(expires_in / 2))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(crate) const EXAMPLE: &str = r#"{"access_token":"68_token-1","expires_in":7200}"#;

    pub(crate) fn parse(body: impl AsRef<[u8]>) -> Result<(Secret, u32), CallError> {
        StableToken.parse(body.as_ref()).map(|IssuedToken { token, expires_in }| (token, expires_in))
    }

    fn seen(body: impl AsRef<[u8]>) -> String {
        match parse(body) {
            Ok((token, expires_in)) => format!("{} {expires_in}", token.expose()),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn an_access_token_has_a_bounded_length_and_a_life() {
        assert_eq!(seen(EXAMPLE), "68_token-1 7200");
        assert_eq!(seen(r#"{"access_token":"t","expires_in":"60"}"#), "t 60");
        let longest = "t".repeat(2048);
        assert_eq!(seen(format!(r#"{{"access_token":"{longest}","expires_in":1}}"#)), format!("{longest} 1"));
        for body in [
            r#"{"access_token":"t"}"#.to_owned(),
            r#"{"access_token":"t","expires_in":0}"#.to_owned(),
            r#"{"access_token":"t","expires_in":-7200}"#.to_owned(),
            r#"{"access_token":"t","expires_in":99999999999}"#.to_owned(),
            r#"{"access_token":"","expires_in":7200}"#.to_owned(),
            r#"{"access_token":"a b","expires_in":7200}"#.to_owned(),
            format!(r#"{{"access_token":"{longest}t","expires_in":1}}"#),
        ] {
            assert!(seen(&body).starts_with("an unusable answer"), "{body}");
        }
    }

    #[test]
    fn a_token_is_renewed_five_minutes_before_its_end_and_a_short_one_at_half_time() {
        assert_eq!(cached_for(7200), 6900);
        assert_eq!(cached_for(600), 300);
        assert_eq!(cached_for(400), 200);
        assert_eq!(cached_for(1), 1);
        assert_eq!(cached_for(0), 0);
    }
}
