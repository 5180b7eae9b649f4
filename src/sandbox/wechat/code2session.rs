//! `GET /sns/jscode2session`: exchanges a code of `wx.login()` for the user's openid and session key
//! (<https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/user-login/code2Session.html>).

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::sandbox::{
    apps::AppKind,
    call::Call,
    errcode::Errcode,
    state::{Sandbox, codes::Grant},
};

/// The sample code of the API documents, which can be used any number of times.
const SAMPLE_CODE: &str = "wx_login_code_here";
const SAMPLE_OPENID: &str = "wx_openid_123";
const SAMPLE_SESSION_KEY: &str = "session_key_123";

pub fn exchange(sandbox: &Sandbox, call: &Call) -> Result<Value, Errcode> {
    sandbox.apps().authenticate_as(AppKind::Mini, call.query("appid"), call.query("secret"))?;
    if call.query("grant_type") != Some("authorization_code") {
        return Err(Errcode::INVALID_GRANT_TYPE);
    }
    let code = call.query("js_code").ok_or(Errcode::CODE_MISSING)?;

    let state = &mut *sandbox.state();
    if code == SAMPLE_CODE {
        let identity = state.identities.get_or_insert(AppKind::Mini, SAMPLE_OPENID, None);
        identity.session_key = Some(SAMPLE_SESSION_KEY.to_owned());
        return Ok(json!({"session_key": SAMPLE_SESSION_KEY, "openid": SAMPLE_OPENID}));
    }
    let (openid, unionid) = state.codes.redeem(code, sandbox.now(), |grant| match grant {
        Grant::Login { openid, unionid } => Some((openid.clone(), unionid.clone())),
        Grant::Phone { .. } | Grant::OAuth(_) => None,
    })?;
    let session_key = STANDARD.encode(sandbox.random().bytes::<16>());
    let identity = state.identities.get_or_insert(AppKind::Mini, &openid, unionid.as_deref());
    identity.session_key = Some(session_key.clone());

    let mut response = json!({"session_key": session_key, "openid": openid});
    if let Some(unionid) = unionid {
        response["unionid"] = unionid.into();
    }
    Ok(response)
}
