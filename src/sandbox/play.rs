//! How a request becomes an answer: on a played path it is counted, meets the faults set there, and is
//! then answered as the upstream would; on the sandbox's own paths it is answered plainly.

use std::collections::HashMap;

use poem::{
    Endpoint, Error, Request, Response,
    endpoint::make,
    http::{Method, StatusCode},
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{
    Sandbox, consent,
    errcode::{self, Errcode},
    oauth, phone, session, sms, token,
};

/// In bytes.
const LONGEST_BODY: usize = 64 * 1024;

/// A path that the sandbox plays.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Played {
    Code2Session,
    Token,
    StableToken,
    PhoneNumber,
    OAuthToken,
    UserInfo,
    Authorize,
    Sms,
}

impl Played {
    pub(super) const WECHAT: [Self; 7] = [
        Self::Code2Session,
        Self::Token,
        Self::StableToken,
        Self::PhoneNumber,
        Self::OAuthToken,
        Self::UserInfo,
        Self::Authorize,
    ];

    pub(super) fn all() -> impl Iterator<Item = Self> {
        Self::WECHAT.into_iter().chain([Self::Sms])
    }

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Code2Session => "/sns/jscode2session",
            Self::Token => "/cgi-bin/token",
            Self::StableToken => "/cgi-bin/stable_token",
            Self::PhoneNumber => "/wxa/business/getuserphonenumber",
            Self::OAuthToken => "/sns/oauth2/access_token",
            Self::UserInfo => "/sns/userinfo",
            Self::Authorize => "/connect/oauth2/authorize",
            Self::Sms => "/sms",
        }
    }

    /// What the path is for, in a word for people.
    pub(super) const fn meaning(self) -> &'static str {
        match self {
            Self::Code2Session => "小程序登录",
            Self::Token => "接口凭证",
            Self::StableToken => "稳定版接口凭证",
            Self::PhoneNumber => "手机号",
            Self::OAuthToken => "网页授权凭证",
            Self::UserInfo => "网页授权用户信息",
            Self::Authorize => "授权页面",
            Self::Sms => "发送短信",
        }
    }

    pub(super) fn parse(path: &str) -> Option<Self> {
        Self::all().find(|played| played.as_str() == path)
    }

    fn answer(self, sandbox: &Sandbox, call: &Call) -> Response {
        let outcome = match self {
            Self::Code2Session => session::exchange(sandbox, call),
            Self::Token => token::token(sandbox, call),
            Self::StableToken => token::stable_token(sandbox, call),
            Self::PhoneNumber => phone::tell_number(sandbox, call),
            Self::OAuthToken => oauth::exchange(sandbox, call),
            Self::UserInfo => oauth::user_info(sandbox, call),
            Self::Authorize => return consent::authorize(sandbox, call),
            Self::Sms => return plainly(sms::send(sandbox, call)),
        };
        errcode::respond(sandbox, outcome)
    }

    /// The refusal with an error number, in the form of the upstream that this path belongs to.
    pub(super) fn refuse(self, sandbox: &Sandbox, errcode: i64) -> Response {
        match self {
            Self::Sms => plain(StatusCode::OK, &sms::refusal(errcode)),
            _ => errcode::respond(sandbox, Err(Errcode(errcode))),
        }
    }
}

/// What the sandbox needs of a request.
pub(super) struct Call {
    pub(super) method: Method,
    query: HashMap<String, String>,
    pub(super) body: Vec<u8>,
}

impl Call {
    async fn read(mut request: Request) -> poem::Result<Self> {
        let body = request.take_body().into_bytes_limit(LONGEST_BODY).await?.to_vec();
        Ok(Self { method: request.method().clone(), query: request.params()?, body })
    }

    /// The value of a query parameter; an empty one is none.
    pub(super) fn query(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    pub(super) fn require_post(&self) -> Result<(), Errcode> {
        if self.method == Method::POST { Ok(()) } else { Err(Errcode::POST_REQUIRED) }
    }

    /// The body, as WeChat reads it: whatever its type says.
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, Errcode> {
        if self.body.is_empty() {
            return Err(Errcode::EMPTY_BODY);
        }
        serde_json::from_slice(&self.body).map_err(|_| Errcode::BROKEN_JSON)
    }
}

/// The endpoint of a played path.
pub(super) fn plays(sandbox: &Sandbox, path: Played) -> impl Endpoint + use<> {
    let sandbox = sandbox.clone();
    make(move |request| {
        let sandbox = sandbox.clone();
        async move {
            let fault = {
                let mut state = sandbox.state();
                *state.calls.entry(path).or_default() += 1;
                state.faults.take(path)
            };
            if let Some(fault) = fault
                && let Some(answer) = fault.strike(&sandbox, path).await
            {
                return Ok(answer);
            }
            let call = Call::read(request).await?;
            Ok::<_, Error>(path.answer(&sandbox, &call))
        }
    })
}

/// The endpoint of one of the sandbox's own paths. What `answer` refuses is 400 with its words.
pub(super) fn controls(
    sandbox: &Sandbox,
    answer: fn(&Sandbox, &Call) -> Result<Value, String>,
) -> impl Endpoint + use<> {
    shows(sandbox, move |sandbox, call| plainly(answer(sandbox, call)))
}

/// The endpoint of a page.
pub(super) fn shows<F>(sandbox: &Sandbox, page: F) -> impl Endpoint + use<F>
where
    F: Fn(&Sandbox, &Call) -> Response + Clone + Send + Sync,
{
    let sandbox = sandbox.clone();
    make(move |request| {
        let (sandbox, page) = (sandbox.clone(), page.clone());
        async move {
            let call = Call::read(request).await?;
            Ok::<_, Error>(page(&sandbox, &call))
        }
    })
}

/// The answer to what never reached an endpoint.
pub(super) async fn refusal(error: Error) -> Response {
    plain(error.status(), &json!({"error": error.to_string()}))
}

fn plainly(outcome: Result<Value, String>) -> Response {
    match outcome {
        Ok(answer) => plain(StatusCode::OK, &answer),
        Err(words) => plain(StatusCode::BAD_REQUEST, &json!({"error": words})),
    }
}

fn plain(status: StatusCode, answer: &Value) -> Response {
    Response::builder().status(status).content_type("application/json").body(answer.to_string())
}
