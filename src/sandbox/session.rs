//! `GET /sns/jscode2session`: what `wx.login` gave the mini program, exchanged for who the user is.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{AppKind, Sandbox, codes::Grant, errcode::Errcode, play::Call};

/// The documents' sample code and what it always stands for.
pub(super) const SAMPLE_CODE: &str = "wx_login_code_here";
const SAMPLE_OPENID: &str = "wx_openid_123";
const SAMPLE_SESSION_KEY: &str = "session_key_123";

pub(super) fn exchange(sandbox: &Sandbox, call: &Call) -> Result<Value, Errcode> {
    let parts = &sandbox.0;
    parts.apps.authenticate_as(AppKind::Mini, call.query("appid"), call.query("secret"))?;
    if call.query("grant_type") != Some("authorization_code") {
        return Err(Errcode::INVALID_GRANT_TYPE);
    }
    let code = call.query("js_code").ok_or(Errcode::CODE_MISSING)?;

    let state = &mut *sandbox.state();
    if code == SAMPLE_CODE {
        let identity = state.identities.meet(AppKind::Mini, SAMPLE_OPENID, None);
        identity.session_key = Some(SAMPLE_SESSION_KEY.to_owned());
        return Ok(json!({"session_key": SAMPLE_SESSION_KEY, "openid": SAMPLE_OPENID}));
    }
    let (openid, unionid) = state.codes.spend(code, parts.clock.now(), |grant| match grant {
        Grant::Login { openid, unionid } => Some((openid.clone(), unionid.clone())),
        Grant::Phone { .. } | Grant::OAuth(_) => None,
    })?;
    let session_key = STANDARD.encode(parts.random.bytes::<16>());
    state.identities.meet(AppKind::Mini, &openid, unionid.as_deref()).session_key = Some(session_key.clone());

    let mut answer = json!({"session_key": session_key, "openid": openid});
    if let Some(unionid) = unionid {
        answer["unionid"] = unionid.into();
    }
    Ok(answer)
}
