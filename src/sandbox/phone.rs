//! `POST /wxa/business/getuserphonenumber`: what the phone button gave the mini program, exchanged for the number.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::types::{Phone, Random};

use super::{AppKind, Sandbox, codes::Grant, errcode::Errcode, play::Call};

/// The documents' sample code and the number that it always stands for.
pub(super) const SAMPLE_CODE: &str = "phone_code_here";
const SAMPLE_NUMBER: &str = "13800138000";

/// The country codes (ITU-T E.164) of one and two digits. All others have three.
const SHORT_COUNTRY_CODES: [&str; 46] = [
    "1", "7", "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46", "47", "48",
    "49", "51", "52", "53", "54", "55", "56", "57", "58", "60", "61", "62", "63", "64", "65", "66", "81", "82", "84",
    "86", "90", "91", "92", "93", "94", "95", "98",
];

/// A phone number in the two parts in which WeChat tells it.
#[derive(Clone)]
pub(super) struct Number {
    country_code: String,
    pure: String,
}

impl Number {
    /// A mainland number as people write it, or any other as `+<country code><number>`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if let Some(phone) = Phone::mainland(text) {
            return Some(Self::mainland(phone.as_str()));
        }
        let digits = text.strip_prefix('+')?;
        let length = (1..=2).find(|length| digits.get(..*length).is_some_and(is_short_country_code)).unwrap_or(3);
        let (country_code, pure) = digits.split_at_checked(length)?;
        Phone::international(country_code, pure)?;
        Some(Self { country_code: country_code.to_owned(), pure: pure.to_owned() })
    }

    /// A made-up mainland number.
    pub(super) fn made_up(random: &Random) -> Self {
        Self::mainland(&format!("1{}{}", 3 + random.below(7), random.digits(9)))
    }

    fn mainland(digits: &str) -> Self {
        Self { country_code: "86".to_owned(), pure: digits.to_owned() }
    }

    /// The number as one text, with the country code when it is a foreign one.
    pub(super) fn whole(&self) -> String {
        match self.country_code.as_str() {
            "86" => self.pure.clone(),
            foreign => format!("+{foreign}{}", self.pure),
        }
    }
}

fn is_short_country_code(digits: &str) -> bool {
    SHORT_COUNTRY_CODES.contains(&digits)
}

#[derive(Deserialize)]
struct Question {
    code: Option<String>,
    openid: Option<String>,
}

pub(super) fn tell_number(sandbox: &Sandbox, call: &Call) -> Result<Value, Errcode> {
    call.require_post()?;
    let parts = &sandbox.0;
    let now = parts.clock.now();
    let state = &mut *sandbox.state();
    let appid = state.tokens.appid(call.query("access_token").ok_or(Errcode::TOKEN_MISSING)?, now)?;
    if parts.apps.find(appid).is_none_or(|app| app.kind != AppKind::Mini) {
        return Err(Errcode::UNAUTHORIZED_API);
    }
    let question: Question = call.json()?;
    let code = question.code.filter(|code| !code.is_empty()).ok_or(Errcode::CODE_MISSING)?;

    let number = if code == SAMPLE_CODE {
        Number::mainland(SAMPLE_NUMBER)
    } else {
        state.codes.spend(&code, now, |grant| match grant {
            Grant::Phone { number, openid } => belongs_to(openid, &question.openid).then(|| number.clone()),
            Grant::Login { .. } | Grant::OAuth(_) => None,
        })?
    };
    Ok(json!({
        "errcode": 0,
        "errmsg": "ok",
        "phone_info": {
            "phoneNumber": number.whole(),
            "purePhoneNumber": number.pure,
            "countryCode": number.country_code,
            "watermark": {"timestamp": now, "appid": appid},
        },
    }))
}

/// Whether a code minted for `owner` answers a call that names `asked`: either may name nobody.
fn belongs_to(owner: &Option<String>, asked: &Option<String>) -> bool {
    match (owner, asked) {
        (Some(owner), Some(asked)) => owner == asked,
        _ => true,
    }
}
