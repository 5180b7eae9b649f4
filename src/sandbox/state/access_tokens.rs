//! The access tokens of apps, which come from two APIs: `/cgi-bin/token` (plain) and `/cgi-bin/stable_token`. The tokens
//! of one do not affect those of the other, and both are valid for every call.

use std::collections::HashMap;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::{
    sandbox::errcode::Errcode,
    types::{Random, Timestamp},
};

/// In seconds.
const TTL: Timestamp = 7200;

/// How long a plain token stays valid after its replacement, and how long before its end a stable token is replaced, in
/// seconds.
const OVERLAP: Timestamp = 300;

/// How long an expired token is distinguished from an unknown one, in seconds.
const EXPIRED_TTL: Timestamp = 86_400;

/// Calls of one app in one day.
const MAX_PLAIN_CALLS: u32 = 2000;
const MAX_FORCED_CALLS: u32 = 20;

/// A day begins at midnight in Beijing.
const BEIJING_OFFSET: Timestamp = 8 * 3600;

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum TokenKind {
    Plain,
    Stable,
}

struct IssuedToken {
    appid: String,
    kind: TokenKind,
    expires_at: Timestamp,
    /// Earlier than `expires_at` once the token was replaced.
    valid_until: Timestamp,
}

#[derive(Default)]
struct DailyCalls {
    day: i64,
    count: u32,
}

#[derive(Default)]
pub struct AccessTokens {
    issued: HashMap<String, IssuedToken>,
    newest: HashMap<(String, TokenKind), String>,
    calls: HashMap<(String, TokenKind), DailyCalls>,
}

impl AccessTokens {
    /// The appid that the token was issued to.
    pub fn appid(&self, token: &str, now: Timestamp) -> Result<&str, Errcode> {
        let issued = self.issued.get(token).ok_or(Errcode::INVALID_CREDENTIAL)?;
        if now >= issued.expires_at {
            Err(Errcode::TOKEN_EXPIRED)
        } else if now >= issued.valid_until {
            Err(Errcode::INVALID_CREDENTIAL)
        } else {
            Ok(&issued.appid)
        }
    }

    /// `/cgi-bin/token`: always a new token; the one before it expires soon.
    pub fn issue_plain(&mut self, appid: &str, now: Timestamp, random: &Random) -> Result<Value, Errcode> {
        self.count_call(appid, TokenKind::Plain, MAX_PLAIN_CALLS, now)?;
        self.end(appid, TokenKind::Plain, now + OVERLAP);
        Ok(self.issue(appid, TokenKind::Plain, now, random))
    }

    /// `/cgi-bin/stable_token`: the same token until shortly before it expires.
    pub fn get_or_issue_stable(&mut self, appid: &str, now: Timestamp, random: &Random) -> Value {
        let newest = self.newest.get(&(appid.to_owned(), TokenKind::Stable));
        match newest.and_then(|token| Some((token, self.issued.get(token)?))) {
            Some((token, issued)) if issued.valid_until - now > OVERLAP => response(token, issued.expires_at - now),
            _ => self.issue(appid, TokenKind::Stable, now, random),
        }
    }

    /// `/cgi-bin/stable_token` with `force_refresh`: a new token; those before it expire at once.
    pub fn force_stable(&mut self, appid: &str, now: Timestamp, random: &Random) -> Result<Value, Errcode> {
        self.count_call(appid, TokenKind::Stable, MAX_FORCED_CALLS, now)?;
        self.end(appid, TokenKind::Stable, now);
        Ok(self.issue(appid, TokenKind::Stable, now, random))
    }

    /// Ends the validity of the app's tokens no later than `end`.
    fn end(&mut self, appid: &str, kind: TokenKind, end: Timestamp) {
        for issued in self.issued.values_mut().filter(|issued| issued.appid == appid && issued.kind == kind) {
            issued.valid_until = issued.valid_until.min(end);
        }
    }

    fn issue(&mut self, appid: &str, kind: TokenKind, now: Timestamp, random: &Random) -> Value {
        self.issued.retain(|_, issued| now < issued.expires_at + EXPIRED_TTL);
        let token = format!("{}_{}", 10 + random.below(90), URL_SAFE_NO_PAD.encode(random.bytes::<102>()));
        let expires_at = now + TTL;
        let issued = IssuedToken { appid: appid.to_owned(), kind, expires_at, valid_until: expires_at };
        self.issued.insert(token.clone(), issued);
        self.newest.insert((appid.to_owned(), kind), token.clone());
        response(&token, TTL)
    }

    fn count_call(&mut self, appid: &str, kind: TokenKind, max: u32, now: Timestamp) -> Result<(), Errcode> {
        let today = (now + BEIJING_OFFSET).div_euclid(86_400);
        let calls = self.calls.entry((appid.to_owned(), kind)).or_default();
        if calls.day != today {
            *calls = DailyCalls { day: today, count: 0 };
        }
        if calls.count == max {
            return Err(Errcode::QUOTA_USED_UP);
        }
        calls.count += 1;
        Ok(())
    }
}

fn response(token: &str, expires_in: Timestamp) -> Value {
    json!({"access_token": token, "expires_in": expires_in})
}
