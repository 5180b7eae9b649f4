use std::time::Duration;

use reqwest::{RequestBuilder, StatusCode};
use serde_json::{Value, json};
use url::Url;

use crate::{
    types::{Random, Secret},
    upstream::http::{HttpClient, SetupError, is_base},
};

use super::{
    ClientSettings, DEADLINE_MARGIN,
    error::{Call, Fault, WechatError},
};

/// The requests of WeChat's API, one method each, and the time they may take.
pub(super) struct Api {
    http: HttpClient,
    base: Url,
    open_base: Url,
    mini: Credentials,
    official: Option<Credentials>,
    random: Random,
    /// How long a whole call may take: waiting for a permit, the access token, the retry.
    budget: Duration,
}

/// What an app proves by that it is the app.
struct Credentials {
    appid: String,
    secret: Secret,
}

impl Api {
    pub(super) fn new(settings: ClientSettings, random: Random) -> Result<Self, SetupError> {
        let ClientSettings { api_base, open_base, mini_appid, mini_secret, official, .. } = settings;
        let ClientSettings { deadline, connect_timeout, max_concurrency, .. } = settings;
        if !is_base(&open_base) {
            return Err(SetupError::new("wechat.open_base is http(s)://host[:port][/path]"));
        }
        Ok(Self {
            http: HttpClient::new(&api_base, connect_timeout, max_concurrency)?,
            base: api_base,
            open_base,
            mini: Credentials { appid: mini_appid, secret: mini_secret },
            official: official.map(|(appid, secret)| Credentials { appid, secret }),
            random,
            budget: deadline.saturating_sub(DEADLINE_MARGIN),
        })
    }

    pub(super) fn mini_appid(&self) -> &str {
        &self.mini.appid
    }

    pub(super) fn official_appid(&self) -> Option<&str> {
        self.official.as_ref().map(|official| official.appid.as_str())
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
            ("appid", self.mini.appid.as_str()),
            ("secret", self.mini.secret.expose()),
            ("js_code", code),
            ("grant_type", "authorization_code"),
        ];
        self.send(self.http.get(below(&self.base, ["sns", "jscode2session"])).query(&query)).await
    }

    /// The answer to a phone code.
    pub(super) async fn phone(
        &self,
        access_token: &Secret,
        code: &str,
        openid: Option<&str>,
    ) -> Result<Vec<u8>, Fault> {
        let url = below(&self.base, ["wxa", "business", "getuserphonenumber"]);
        let mut body = json!({ "code": code });
        if let Some(openid) = openid {
            body["openid"] = Value::from(openid);
        }
        self.send(self.http.post(url).query(&[("access_token", access_token.expose())]).json(&body)).await
    }

    /// The answer with the app's access token. It gets a third of the time, so that a lost answer leaves enough
    /// to ask again and to use the token.
    pub(super) async fn access_token(&self) -> Result<Vec<u8>, Fault> {
        let Credentials { appid, secret } = &self.mini;
        let body = json!({ "grant_type": "client_credential", "appid": appid, "secret": secret.expose() });
        let request = self.http.post(below(&self.base, ["cgi-bin", "stable_token"])).json(&body);
        self.send_in_a_third_of_the_time(request).await
    }

    /// The answer to a code of the OAuth page.
    pub(super) async fn oauth_token(&self, code: &str) -> Result<Vec<u8>, Fault> {
        let Credentials { appid, secret } = self.official.as_ref().ok_or(Fault::NoOfficialAccount)?;
        let query = [
            ("appid", appid.as_str()),
            ("secret", secret.expose()),
            ("code", code),
            ("grant_type", "authorization_code"),
        ];
        self.send(self.http.get(below(&self.base, ["sns", "oauth2", "access_token"])).query(&query)).await
    }

    /// The answer with the profile of a visitor, whose own access token this is. It gets a third of the time, so that
    /// it can be asked for again.
    pub(super) async fn user_info(&self, access_token: &Secret, openid: &str) -> Result<Vec<u8>, Fault> {
        let query = [("access_token", access_token.expose()), ("openid", openid), ("lang", "zh_CN")];
        let request = self.http.get(below(&self.base, ["sns", "userinfo"])).query(&query);
        self.send_in_a_third_of_the_time(request).await
    }

    /// The address of the page on which a person allows the official account to know them. WeChat reads the
    /// parameters by their order, and needs the fragment.
    pub(super) fn authorize_url(&self, redirect_uri: &str, state: &str) -> Option<Url> {
        let mut url = below(&self.open_base, ["connect", "oauth2", "authorize"]);
        url.query_pairs_mut()
            .append_pair("appid", self.official_appid()?)
            .append_pair("redirect_uri", redirect_uri)
            .append_pair("response_type", "code")
            .append_pair("scope", "snsapi_userinfo")
            .append_pair("state", state);
        url.set_fragment(Some("wechat_redirect"));
        Some(url)
    }

    async fn send_in_a_third_of_the_time(&self, request: RequestBuilder) -> Result<Vec<u8>, Fault> {
        tokio::time::timeout(self.budget / 3, self.send(request)).await.unwrap_or(Err(Fault::TimedOut))
    }

    async fn send(&self, request: RequestBuilder) -> Result<Vec<u8>, Fault> {
        let answer = self.http.send(request).await.map_err(Fault::Transport)?;
        match answer.status {
            StatusCode::OK => Ok(answer.body),
            status => Err(Fault::Status(status.as_u16())),
        }
    }
}

fn below<const N: usize>(base: &Url, path: [&str; N]) -> Url {
    let mut url = base.clone();
    url.path_segments_mut().expect("the base was checked to take a path").pop_if_empty().extend(path);
    url
}
