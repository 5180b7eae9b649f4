//! `GET /sns/oauth2/access_token` and `GET /sns/userinfo`: what the consent page gave the official account,
//! exchanged for who the visitor is.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::types::{Random, Timestamp};

use super::{
    AppKind, Sandbox, codes::Grant, control, errcode::Errcode, fields::Fields, identities::Profile, lapsing::Lapsing,
    play::Call,
};

/// In seconds: how long an access token lives, and how long it is then told from one that never was.
const LIFETIME: Timestamp = 7200;
const REMEMBERED: Timestamp = LIFETIME + 3600;

/// In characters.
const LONGEST_NICKNAME: usize = 64;
const LONGEST_URL: usize = 512;

/// How much an official account may know of a visitor: the openid alone, or the profile too.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    Base,
    UserInfo,
}

impl Scope {
    pub(super) fn parse(name: &str) -> Option<Self> {
        [Self::Base, Self::UserInfo].into_iter().find(|scope| scope.as_str() == name)
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Base => "snsapi_base",
            Self::UserInfo => "snsapi_userinfo",
        }
    }
}

/// Somebody who agreed that an official account may know them.
#[derive(Clone)]
pub(super) struct Visitor {
    pub(super) openid: String,
    pub(super) unionid: Option<String>,
    pub(super) profile: Profile,
    /// A stand-in that WeChat shows while a person only looks at a page.
    pub(super) is_snapshot: bool,
    pub(super) scope: Scope,
}

/// The fields that say who a visitor is.
pub(super) const VISITOR_FIELDS: [&str; 6] = ["openid", "unionid", "nickname", "sex", "headimgurl", "is_snapshotuser"];

/// Mints a code for the visitor whom `fields` describe. What they leave out is as it was known of this openid, or made up.
///
/// # Errors
/// Words that name the field that is wrong.
pub(super) fn mint(sandbox: &Sandbox, fields: &Fields, scope: Scope) -> Result<String, String> {
    let parts = &sandbox.0;
    let random = &parts.random;
    let openid = control::openid(fields, random)?;
    let unionid = control::unionid(fields)?;
    let nickname = fields.text("nickname", LONGEST_NICKNAME)?;
    let sex = fields.integer("sex", 0..=2)?;
    let headimgurl = fields.text("headimgurl", LONGEST_URL)?;
    let is_snapshot = fields.flag("is_snapshotuser")?.unwrap_or_default();
    let code = random.hex::<16>();

    let state = &mut *sandbox.state();
    let identity = state.identities.meet(AppKind::Official, &openid, unionid.as_deref());
    let known = identity.profile.get_or_insert_with(|| made_up(random));
    let profile = Profile {
        nickname: nickname.unwrap_or_else(|| known.nickname.clone()),
        sex: sex.unwrap_or(known.sex),
        headimgurl: headimgurl.unwrap_or_else(|| known.headimgurl.clone()),
    };
    *known = profile.clone();
    let unionid = identity.unionid.clone();
    let visitor = Visitor { openid, unionid, profile, is_snapshot, scope };
    state.codes.add(code.clone(), Grant::OAuth(visitor), parts.clock.now());
    Ok(code)
}

fn made_up(random: &Random) -> Profile {
    Profile {
        nickname: format!("沙箱用户{}", random.digits(4)),
        sex: 0,
        headimgurl: format!("https://thirdwx.qlogo.cn/mmopen/{}/132", random.hex::<16>()),
    }
}

/// The access tokens of visitors. They open nothing but `/sns/userinfo`.
pub(super) struct VisitorTokens(Lapsing<Visitor>);

impl Default for VisitorTokens {
    fn default() -> Self {
        Self(Lapsing::new(REMEMBERED))
    }
}

impl VisitorTokens {
    fn visitor(&self, token: &str, now: Timestamp) -> Result<&Visitor, Errcode> {
        let issued = self.0.get(token).ok_or(Errcode::INVALID_CREDENTIAL)?;
        if now >= issued.added_at + LIFETIME { Err(Errcode::TOKEN_EXPIRED) } else { Ok(&issued.value) }
    }
}

pub(super) fn exchange(sandbox: &Sandbox, call: &Call) -> Result<Value, Errcode> {
    let parts = &sandbox.0;
    parts.apps.authenticate_as(AppKind::Official, call.query("appid"), call.query("secret"))?;
    if call.query("grant_type") != Some("authorization_code") {
        return Err(Errcode::INVALID_GRANT_TYPE);
    }
    let code = call.query("code").ok_or(Errcode::CODE_MISSING)?;

    let now = parts.clock.now();
    let state = &mut *sandbox.state();
    let visitor = state.codes.spend(code, now, |grant| match grant {
        Grant::OAuth(visitor) => Some(visitor.clone()),
        Grant::Login { .. } | Grant::Phone { .. } => None,
    })?;
    let [access_token, refresh_token] = [(); 2]
        .map(|()| format!("{}_{}", 10 + parts.random.below(90), URL_SAFE_NO_PAD.encode(parts.random.bytes::<66>())));

    let mut answer = json!({
        "access_token": access_token,
        "expires_in": LIFETIME,
        "refresh_token": refresh_token,
        "openid": visitor.openid,
        "scope": visitor.scope.as_str(),
    });
    if visitor.is_snapshot {
        answer["is_snapshotuser"] = 1.into();
    }
    if let (Some(unionid), Scope::UserInfo) = (&visitor.unionid, visitor.scope) {
        answer["unionid"] = unionid.as_str().into();
    }
    state.visitor_tokens.0.add(access_token, visitor, now);
    Ok(answer)
}

pub(super) fn user_info(sandbox: &Sandbox, call: &Call) -> Result<Value, Errcode> {
    let token = call.query("access_token").ok_or(Errcode::TOKEN_MISSING)?;
    let state = sandbox.state();
    let visitor = state.visitor_tokens.visitor(token, sandbox.0.clock.now())?;
    let openid = call.query("openid").ok_or(Errcode::OPENID_MISSING)?;
    if openid != visitor.openid {
        return Err(Errcode::INVALID_OPENID);
    }
    if visitor.scope != Scope::UserInfo {
        return Err(Errcode::UNAUTHORIZED_API);
    }
    let mut answer = json!({
        "openid": visitor.openid,
        "nickname": visitor.profile.nickname,
        "sex": visitor.profile.sex,
        "language": "",
        "city": "",
        "province": "",
        "country": "",
        "headimgurl": visitor.profile.headimgurl,
        "privilege": [],
    });
    if let Some(unionid) = &visitor.unionid {
        answer["unionid"] = unionid.as_str().into();
    }
    Ok(answer)
}
