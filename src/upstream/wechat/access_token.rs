use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::types::{Clock, Secret, Timestamp};

use super::{
    answer,
    api::Api,
    coalesce::Coalescer,
    error::{Call, WechatError},
    retry::Retry,
};

/// How long before its end a token is fetched again, in seconds: from then on WeChat answers a new one, and
/// both are valid.
const RENEWAL: u32 = 300;

/// An access token as WeChat issued it.
pub(super) struct Issued {
    pub(super) token: Secret,
    /// Seconds.
    pub(super) expires_in: u32,
}

/// The app's access token, kept for as long as it is good. Concurrent callers share one fetch.
pub(super) struct AccessTokens {
    store: Arc<Store>,
    fetches: Coalescer<(), Result<Secret, WechatError>>,
}

struct Store {
    api: Arc<Api>,
    clock: Clock,
    kept: Mutex<Option<Kept>>,
}

struct Kept {
    token: Secret,
    until: Timestamp,
}

impl AccessTokens {
    pub(super) fn new(api: Arc<Api>, clock: Clock) -> Self {
        Self { store: Arc::new(Store { api, clock, kept: Mutex::default() }), fetches: Coalescer::new() }
    }

    /// The kept token, or a new one.
    pub(super) async fn get(&self) -> Result<Secret, WechatError> {
        if let Some(token) = self.store.current() {
            return Ok(token);
        }
        let fetch = || {
            let store = self.store.clone();
            async move {
                // Another fetch may have ended since the look above.
                match store.current() {
                    Some(token) => Ok(token),
                    None => store.fetch().await,
                }
            }
        };
        self.fetches.join(()).outcome(fetch).await.unwrap_or(Err(WechatError::Unavailable))
    }

    /// Drops the kept token if it is still `refused`, the one that WeChat did not take.
    pub(super) fn forget(&self, refused: &Secret) {
        self.store.lock().take_if(|kept| kept.token.expose() == refused.expose());
    }
}

impl Store {
    fn current(&self) -> Option<Secret> {
        let now = self.clock.now();
        self.lock().as_ref().filter(|kept| now < kept.until).map(|kept| kept.token.clone())
    }

    async fn fetch(&self) -> Result<Secret, WechatError> {
        self.api
            .within_budget(Call::AccessToken, async {
                let mut retry = Retry::new(self.api.random());
                loop {
                    // Before the call, so that the time it takes is not added to the token's life.
                    let asked = self.clock.now();
                    match self.api.access_token().await.and_then(|body| answer::access_token(&body)) {
                        Ok(issued) => {
                            let until = asked.saturating_add(kept_for(issued.expires_in));
                            *self.lock() = Some(Kept { token: issued.token.clone(), until });
                            return Ok(issued.token);
                        }
                        Err(fault) if retry.allows(Call::AccessToken, &fault).await => {}
                        Err(fault) => return Err(fault.report(Call::AccessToken)),
                    }
                }
            })
            .await
    }

    fn lock(&self) -> MutexGuard<'_, Option<Kept>> {
        // A token is replaced in one step, so a panic elsewhere leaves the store whole.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Seconds for which a token with `expires_in` seconds to live is used: until five minutes before its end, or
/// for half of its life when that is shorter.
fn kept_for(expires_in: u32) -> i64 {
    i64::from(expires_in - RENEWAL.min(expires_in / 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_renewed_five_minutes_before_its_end_and_a_short_one_at_half_time() {
        assert_eq!(kept_for(7200), 6900);
        assert_eq!(kept_for(600), 300);
        assert_eq!(kept_for(400), 200);
        assert_eq!(kept_for(1), 1);
        assert_eq!(kept_for(0), 0);
    }
}
