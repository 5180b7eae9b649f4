use std::time::Duration;

use reqwest::{RequestBuilder, StatusCode};
use serde_json::{Value, json};
use url::Url;

use crate::{
    types::{Random, Secret},
    upstream::http::{HttpClient, SetupError},
};

use super::{
    ClientSettings, DEADLINE_MARGIN,
    error::{Call, Fault, WechatError},
};

/// The requests of WeChat's API, one method each, and the time they may take.
pub(super) struct Api {
    http: HttpClient,
    base: Url,
    appid: String,
    secret: Secret,
    random: Random,
    /// How long a whole call may take: waiting for a permit, the access token, the retry.
    budget: Duration,
}

impl Api {
    pub(super) fn new(settings: ClientSettings, random: Random) -> Result<Self, SetupError> {
        let ClientSettings { api_base, mini_appid, mini_secret, deadline, connect_timeout, max_concurrency } = settings;
        Ok(Self {
            http: HttpClient::new(&api_base, connect_timeout, max_concurrency)?,
            base: api_base,
            appid: mini_appid,
            secret: mini_secret,
            random,
            budget: deadline.saturating_sub(DEADLINE_MARGIN),
        })
    }

    pub(super) fn appid(&self) -> &str {
        &self.appid
    }

    pub(super) fn random(&self) -> &Random {
        &self.random
    }

    /// The outcome of the whole of `call`, ended when its time is over.
    pub(super) async fn within_budget<T>(
        &self,
        call: Call,
        whole: impl Future<Output = Result<T, WechatError>>,
    ) -> Result<T, WechatError> {
        tokio::time::timeout(self.budget, whole).await.unwrap_or_else(|_| Err(Fault::TimedOut.report(call)))
    }

    /// The answer to a login code.
    pub(super) async fn session(&self, code: &str) -> Result<Vec<u8>, Fault> {
        let query = [
            ("appid", self.appid.as_str()),
            ("secret", self.secret.expose()),
            ("js_code", code),
            ("grant_type", "authorization_code"),
        ];
        self.send(self.http.get(self.url(["sns", "jscode2session"])).query(&query)).await
    }

    /// The answer to a phone code.
    pub(super) async fn phone(
        &self,
        access_token: &Secret,
        code: &str,
        openid: Option<&str>,
    ) -> Result<Vec<u8>, Fault> {
        let url = self.url(["wxa", "business", "getuserphonenumber"]);
        let mut body = json!({ "code": code });
        if let Some(openid) = openid {
            body["openid"] = Value::from(openid);
        }
        self.send(self.http.post(url).query(&[("access_token", access_token.expose())]).json(&body)).await
    }

    /// The answer with the app's access token. It gets a third of the time, so that a lost answer leaves enough
    /// to ask again and to use the token.
    pub(super) async fn access_token(&self) -> Result<Vec<u8>, Fault> {
        let body = json!({ "grant_type": "client_credential", "appid": self.appid, "secret": self.secret.expose() });
        let request = self.http.post(self.url(["cgi-bin", "stable_token"])).json(&body);
        tokio::time::timeout(self.budget / 3, self.send(request)).await.unwrap_or(Err(Fault::TimedOut))
    }

    async fn send(&self, request: RequestBuilder) -> Result<Vec<u8>, Fault> {
        let answer = self.http.send(request).await.map_err(Fault::Transport)?;
        match answer.status {
            StatusCode::OK => Ok(answer.body),
            status => Err(Fault::Status(status.as_u16())),
        }
    }

    fn url<const N: usize>(&self, path: [&str; N]) -> Url {
        let mut url = self.base.clone();
        url.path_segments_mut().expect("the base was checked to take a path").pop_if_empty().extend(path);
        url
    }
}
