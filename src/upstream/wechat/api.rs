use std::time::Duration;

use reqwest::{RequestBuilder, StatusCode};
use tokio::time::{Instant, sleep, timeout_at};

use super::{
    error::{CallError, WechatError},
    settings::{ClientSettings, DEADLINE_MARGIN},
};
use crate::{
    types::{Random, Secret},
    upstream::http::{HttpClient, SetupError, below},
};

/// The pause before a request is repeated: 100 ms and up to this much more, so that instances that failed at the same
/// time do not return at the same time.
const JITTER_MS: u64 = 200;

/// One call of WeChat's API.
pub(super) trait Call {
    /// WeChat's name for it, for the log.
    const NAME: &'static str;

    /// Whether it spends a one-time code. Such a call is repeated only when the first request was certainly not
    /// processed. Any other is idempotent, and repeated also when the response was lost.
    const SPENDS_CODE: bool;

    type Output;

    fn request(&self, api: &Api) -> Result<RequestBuilder, CallError>;

    fn parse(&self, body: &[u8]) -> Result<Self::Output, CallError>;

    /// The app's access token, for a call that is made with it.
    async fn access_token(&self) -> Result<Option<Secret>, WechatError> {
        Ok(None)
    }

    /// Drops the access token that WeChat refused, so that [`Self::access_token`] returns a new one.
    fn discard_access_token(&self, _refused: &Secret) {}
}

/// Makes the calls of WeChat's API.
pub(super) struct Api {
    http: HttpClient,
    pub(super) mini: Credentials,
    pub(super) official: Option<Credentials>,
    random: Random,
    /// How long a call may take in all, with the wait for a permit, the access token and the retry.
    budget: Duration,
}

/// What an app authenticates itself with.
pub(super) struct Credentials {
    pub(super) appid: String,
    pub(super) secret: Secret,
}

impl Api {
    pub(super) fn new(settings: ClientSettings, random: Random) -> Result<Self, SetupError> {
        let ClientSettings { api_base, mini_appid, mini_secret, official, .. } = settings;
        Ok(Self {
            http: HttpClient::new(api_base, settings.connect_timeout, settings.max_concurrency)?,
            mini: Credentials { appid: mini_appid, secret: mini_secret },
            official: official.map(|(appid, secret)| Credentials { appid, secret }),
            random,
            budget: settings.deadline.saturating_sub(DEADLINE_MARGIN),
        })
    }

    pub(super) fn get(&self, path: &str) -> RequestBuilder {
        self.http.get(below(self.http.base(), path))
    }

    pub(super) fn post(&self, path: &str) -> RequestBuilder {
        self.http.post(below(self.http.base(), path))
    }

    /// When a call that begins now has to end.
    pub(super) fn deadline(&self) -> Instant {
        Instant::now() + self.budget
    }

    /// Makes a call, which ends at `deadline`: sends the request, checks the response, repeats the request once where
    /// that is safe, renews a stale access token once, and logs a failure.
    pub(super) async fn call<C: Call>(&self, call: &C, deadline: Instant) -> Result<C::Output, WechatError> {
        let ended = timeout_at(deadline, self.attempts(call, deadline)).await;
        ended.unwrap_or_else(|_| Err(CallError::TimedOut.report(C::NAME)))
    }

    async fn attempts<C: Call>(&self, call: &C, deadline: Instant) -> Result<C::Output, WechatError> {
        let (mut repeated, mut renewed) = (false, false);
        loop {
            let access_token = call.access_token().await?;
            let error = match self.attempt(call, access_token.as_ref(), deadline).await {
                Ok(output) => return Ok(output),
                Err(error) => error,
            };
            if let Some(refused) = access_token.filter(|_| error.is_stale_access_token()) {
                call.discard_access_token(&refused);
                if !renewed {
                    renewed = true;
                    continue;
                }
            } else if !repeated && error.is_safe_to_repeat(C::SPENDS_CODE) {
                repeated = true;
                tracing::debug!(call = C::NAME, %error, "WeChat is called once more");
                sleep(Duration::from_millis(100 + self.random.below(JITTER_MS + 1))).await;
                continue;
            }
            return Err(error.report(C::NAME));
        }
    }

    async fn attempt<C: Call>(
        &self,
        call: &C,
        access_token: Option<&Secret>,
        deadline: Instant,
    ) -> Result<C::Output, CallError> {
        let request = call.request(self)?;
        let request = match access_token {
            Some(token) => request.query(&[("access_token", token.expose())]),
            None => request,
        };
        // A request that can be repeated leaves enough time for that, and for what is done with its outcome.
        let deadline = if C::SPENDS_CODE { deadline } else { deadline.min(Instant::now() + self.budget / 3) };
        let response = self.http.send(request, deadline).await.map_err(CallError::Http)?;
        match response.status {
            StatusCode::OK => call.parse(&response.body),
            status => Err(CallError::Status(status.as_u16())),
        }
    }
}
