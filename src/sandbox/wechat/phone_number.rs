//! `POST /wxa/business/getuserphonenumber`: exchanges a code of the phone number button for the number
//! (<https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/user-info/phone-number/getPhoneNumber.html>).

use serde::Deserialize;
use serde_json::{Value, json};

use crate::sandbox::{
    apps::AppKind,
    call::Call,
    errcode::Errcode,
    state::{Sandbox, codes::Grant, phone_number::PhoneNumber},
};

/// The sample code of the API documents, which can be used any number of times and by any user.
const SAMPLE_CODE: &str = "phone_code_here";
const SAMPLE_NUMBER: &str = "13800138000";

#[derive(Deserialize)]
struct PhoneNumberRequest {
    code: Option<String>,
    openid: Option<String>,
}

pub fn exchange(sandbox: &Sandbox, call: &Call) -> Result<Value, Errcode> {
    call.require_post()?;
    let now = sandbox.now();
    let state = &mut *sandbox.state();
    let appid = state.access_tokens.appid(call.query("access_token").ok_or(Errcode::TOKEN_MISSING)?, now)?;
    if sandbox.apps().find(appid).is_none_or(|app| app.kind != AppKind::Mini) {
        return Err(Errcode::UNAUTHORIZED_API);
    }
    let request: PhoneNumberRequest = call.json()?;
    let code = request.code.filter(|code| !code.is_empty()).ok_or(Errcode::CODE_MISSING)?;

    let number = if code == SAMPLE_CODE {
        PhoneNumber::mainland(SAMPLE_NUMBER)
    } else {
        state.codes.redeem(&code, now, |grant| match grant {
            Grant::Phone { number, openid } => matches(openid, &request.openid).then(|| number.clone()),
            Grant::Login { .. } | Grant::OAuth(_) => None,
        })?
    };
    Ok(json!({
        "errcode": 0,
        "errmsg": "ok",
        "phone_info": {
            "phoneNumber": number.full(),
            "purePhoneNumber": number.pure,
            "countryCode": number.country_code,
            "watermark": {"timestamp": now, "appid": appid},
        },
    }))
}

/// Whether a code minted for `owner` can be redeemed by a call for `requested`; `None` matches any user.
fn matches(owner: &Option<String>, requested: &Option<String>) -> bool {
    match (owner, requested) {
        (Some(owner), Some(requested)) => owner == requested,
        _ => true,
    }
}
