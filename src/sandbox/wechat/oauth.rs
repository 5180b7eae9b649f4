//! `GET /sns/oauth2/access_token` and `GET /sns/userinfo`: exchanges a code of the consent page for an access token, and
//! that for the user's profile
//! (<https://developers.weixin.qq.com/doc/offiaccount/OA_Web_Apps/Wechat_webpage_authorization.html>).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::sandbox::{
    apps::AppKind,
    call::Call,
    errcode::Errcode,
    state::{
        Sandbox,
        codes::Grant,
        oauth::{Scope, TOKEN_TTL},
    },
};

pub fn access_token(sandbox: &Sandbox, call: &Call) -> Result<Value, Errcode> {
    sandbox.apps().authenticate_as(AppKind::Official, call.query("appid"), call.query("secret"))?;
    if call.query("grant_type") != Some("authorization_code") {
        return Err(Errcode::INVALID_GRANT_TYPE);
    }
    let code = call.query("code").ok_or(Errcode::CODE_MISSING)?;

    let (now, random) = (sandbox.now(), sandbox.random());
    let state = &mut *sandbox.state();
    let user = state.codes.redeem(code, now, |grant| match grant {
        Grant::OAuth(user) => Some(user.clone()),
        Grant::Login { .. } | Grant::Phone { .. } => None,
    })?;
    let [access_token, refresh_token] =
        [(); 2].map(|()| format!("{}_{}", 10 + random.below(90), URL_SAFE_NO_PAD.encode(random.bytes::<66>())));

    let mut response = json!({
        "access_token": access_token,
        "expires_in": TOKEN_TTL,
        "refresh_token": refresh_token,
        "openid": user.openid,
        "scope": user.scope.as_str(),
    });
    if user.is_snapshot {
        response["is_snapshotuser"] = 1.into();
    }
    if let (Some(unionid), Scope::UserInfo) = (&user.unionid, user.scope) {
        response["unionid"] = unionid.as_str().into();
    }
    state.oauth_tokens.add(access_token, user, now);
    Ok(response)
}

pub fn user_info(sandbox: &Sandbox, call: &Call) -> Result<Value, Errcode> {
    let token = call.query("access_token").ok_or(Errcode::TOKEN_MISSING)?;
    let state = sandbox.state();
    let user = state.oauth_tokens.user(token, sandbox.now())?;
    let openid = call.query("openid").ok_or(Errcode::OPENID_MISSING)?;
    if openid != user.openid {
        return Err(Errcode::INVALID_OPENID);
    }
    if user.scope != Scope::UserInfo {
        return Err(Errcode::UNAUTHORIZED_API);
    }
    let mut response = json!({
        "openid": user.openid,
        "nickname": user.profile.nickname,
        "sex": user.profile.sex,
        "language": "",
        "city": "",
        "province": "",
        "country": "",
        "headimgurl": user.profile.headimgurl,
        "privilege": [],
    });
    if let Some(unionid) = &user.unionid {
        response["unionid"] = unionid.as_str().into();
    }
    Ok(response)
}
