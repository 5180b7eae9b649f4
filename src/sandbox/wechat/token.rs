//! `GET /cgi-bin/token` and `POST /cgi-bin/stable_token`: the app's own access token
//! (<https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/mp-access-token/getStableAccessToken.html>).

use serde::Deserialize;
use serde_json::Value;

use crate::sandbox::{call::Call, errcode::Errcode, state::Sandbox};

pub fn token(sandbox: &Sandbox, call: &Call) -> Result<Value, Errcode> {
    if call.query("grant_type") != Some("client_credential") {
        return Err(Errcode::INVALID_GRANT_TYPE);
    }
    let app = sandbox.apps().authenticate(call.query("appid"), call.query("secret"))?;
    sandbox.state().access_tokens.issue_plain(&app.appid, sandbox.now(), sandbox.random())
}

#[derive(Deserialize)]
struct StableTokenRequest {
    grant_type: Option<String>,
    appid: Option<String>,
    secret: Option<String>,
    force_refresh: Option<bool>,
}

pub fn stable_token(sandbox: &Sandbox, call: &Call) -> Result<Value, Errcode> {
    call.require_post()?;
    let request: StableTokenRequest = call.json()?;
    if request.grant_type.as_deref() != Some("client_credential") {
        return Err(Errcode::INVALID_GRANT_TYPE);
    }
    let [appid, secret] = [&request.appid, &request.secret].map(|text| text.as_deref().filter(|text| !text.is_empty()));
    let app = sandbox.apps().authenticate(appid, secret)?;
    let (now, random) = (sandbox.now(), sandbox.random());
    let tokens = &mut sandbox.state().access_tokens;
    match request.force_refresh {
        Some(true) => tokens.force_stable(&app.appid, now, random),
        _ => Ok(tokens.get_or_issue_stable(&app.appid, now, random)),
    }
}
