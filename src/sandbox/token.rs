//! `/cgi-bin/token` and `/cgi-bin/stable_token`: the app's own access token, by the old way and by the
//! stable one. The two know nothing of each other; a token of either opens every call.

use std::collections::HashMap;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::types::{Random, Timestamp};

use super::{Sandbox, errcode::Errcode, play::Call};

/// In seconds: how long a token lives, how long a replaced one still does, and how long an ended one is told from
/// one that never was.
const LIFETIME: Timestamp = 7200;
const OVERLAP: Timestamp = 300;
const REMEMBERED: Timestamp = 86_400;

/// Calls of one app in one day.
const DAILY_TOKENS: u32 = 2000;
const DAILY_FORCED: u32 = 20;

/// A day begins at midnight in Beijing.
const BEIJING: Timestamp = 8 * 3600;

pub(super) fn token(sandbox: &Sandbox, call: &Call) -> Result<Value, Errcode> {
    if call.query("grant_type") != Some("client_credential") {
        return Err(Errcode::INVALID_GRANT_TYPE);
    }
    let parts = &sandbox.0;
    let app = parts.apps.authenticate(call.query("appid"), call.query("secret"))?;
    sandbox.state().tokens.replace(&app.appid, parts.clock.now(), &parts.random)
}

#[derive(Deserialize)]
struct Question {
    grant_type: Option<String>,
    appid: Option<String>,
    secret: Option<String>,
    force_refresh: Option<bool>,
}

pub(super) fn stable_token(sandbox: &Sandbox, call: &Call) -> Result<Value, Errcode> {
    call.require_post()?;
    let question: Question = call.json()?;
    if question.grant_type.as_deref() != Some("client_credential") {
        return Err(Errcode::INVALID_GRANT_TYPE);
    }
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let parts = &sandbox.0;
    let app = parts.apps.authenticate(given(&question.appid).as_deref(), given(&question.secret).as_deref())?;
    let (now, random) = (parts.clock.now(), &parts.random);
    let tokens = &mut sandbox.state().tokens;
    match question.force_refresh {
        Some(true) => tokens.force_stable(&app.appid, now, random),
        _ => Ok(tokens.stable(&app.appid, now, random)),
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Way {
    Old,
    Stable,
}

struct Issued {
    appid: String,
    way: Way,
    expires_at: Timestamp,
    /// Earlier than `expires_at` once the token was replaced.
    good_until: Timestamp,
}

struct Spent {
    day: i64,
    calls: u32,
}

/// The access tokens of all apps.
#[derive(Default)]
pub(super) struct AccessTokens {
    issued: HashMap<String, Issued>,
    newest: HashMap<(String, Way), String>,
    quotas: HashMap<(String, Way), Spent>,
}

impl AccessTokens {
    /// The app whose token this is.
    ///
    /// # Errors
    /// When no such token is good: it ran out, was replaced, or never was.
    pub(super) fn appid(&self, token: &str, now: Timestamp) -> Result<&str, Errcode> {
        let issued = self.issued.get(token).ok_or(Errcode::INVALID_CREDENTIAL)?;
        if now >= issued.expires_at {
            Err(Errcode::TOKEN_EXPIRED)
        } else if now >= issued.good_until {
            Err(Errcode::INVALID_CREDENTIAL)
        } else {
            Ok(&issued.appid)
        }
    }

    /// The old way: always a new token; the one before lives a little longer.
    fn replace(&mut self, appid: &str, now: Timestamp, random: &Random) -> Result<Value, Errcode> {
        self.count(appid, Way::Old, DAILY_TOKENS, now)?;
        self.cut_short(appid, Way::Old, now + OVERLAP);
        Ok(self.issue(appid, Way::Old, now, random))
    }

    /// The stable way: the same token until shortly before it ends.
    fn stable(&mut self, appid: &str, now: Timestamp, random: &Random) -> Value {
        let newest = self.newest.get(&(appid.to_owned(), Way::Stable));
        match newest.and_then(|token| Some((token, self.issued.get(token)?))) {
            Some((token, issued)) if issued.good_until - now > OVERLAP => answer(token, issued.expires_at - now),
            _ => self.issue(appid, Way::Stable, now, random),
        }
    }

    /// The stable way, forced: the tokens given out before end at once.
    fn force_stable(&mut self, appid: &str, now: Timestamp, random: &Random) -> Result<Value, Errcode> {
        self.count(appid, Way::Stable, DAILY_FORCED, now)?;
        self.cut_short(appid, Way::Stable, now);
        Ok(self.issue(appid, Way::Stable, now, random))
    }

    fn cut_short(&mut self, appid: &str, way: Way, end: Timestamp) {
        for issued in self.issued.values_mut().filter(|issued| issued.appid == appid && issued.way == way) {
            issued.good_until = issued.good_until.min(end);
        }
    }

    fn issue(&mut self, appid: &str, way: Way, now: Timestamp, random: &Random) -> Value {
        self.issued.retain(|_, issued| now < issued.expires_at + REMEMBERED);
        let token = format!("{}_{}", 10 + random.below(90), URL_SAFE_NO_PAD.encode(random.bytes::<102>()));
        let expires_at = now + LIFETIME;
        let issued = Issued { appid: appid.to_owned(), way, expires_at, good_until: expires_at };
        self.issued.insert(token.clone(), issued);
        self.newest.insert((appid.to_owned(), way), token.clone());
        answer(&token, LIFETIME)
    }

    fn count(&mut self, appid: &str, way: Way, limit: u32, now: Timestamp) -> Result<(), Errcode> {
        let today = (now + BEIJING).div_euclid(86_400);
        let spent = self.quotas.entry((appid.to_owned(), way)).or_insert(Spent { day: today, calls: 0 });
        if spent.day != today {
            *spent = Spent { day: today, calls: 0 };
        }
        if spent.calls == limit {
            return Err(Errcode::QUOTA_USED_UP);
        }
        spent.calls += 1;
        Ok(())
    }
}

fn answer(token: &str, expires_in: Timestamp) -> Value {
    json!({"access_token": token, "expires_in": expires_in})
}
