//! Mints the codes that WeChat gives to a mini program or to an official account's page.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{
    apps::AppKind,
    fields::Fields,
    state::{
        Sandbox,
        codes::Grant,
        identities::Profile,
        oauth::{OAuthUser, Scope},
        phone_number::PhoneNumber,
    },
};
use crate::types::Random;

/// In characters.
const MAX_ID: usize = 64;
const MAX_PHONE: usize = 32;
const MAX_NICKNAME: usize = 64;
const MAX_URL: usize = 512;

/// A code as of `wx.login()`, from the fields `openid` and `unionid`.
pub(super) fn login_code(sandbox: &Sandbox, fields: &Fields) -> Result<String, String> {
    let random = sandbox.random();
    let openid = openid_or_random(fields, random)?;
    let unionid = fields.text("unionid", MAX_ID)?;
    let code = random.hex::<16>();

    let state = &mut *sandbox.state();
    let unionid = state.identities.get_or_insert(AppKind::Mini, &openid, unionid.as_deref()).unionid.clone();
    state.codes.add(code.clone(), Grant::Login { openid, unionid }, sandbox.now());
    Ok(code)
}

/// A code as of the phone number button, from the fields `phone` and `openid`. Without `openid` any user may redeem it.
pub(super) fn phone_code(sandbox: &Sandbox, fields: &Fields) -> Result<String, String> {
    let random = sandbox.random();
    let number = match fields.text("phone", MAX_PHONE)? {
        Some(text) => PhoneNumber::parse(&text)
            .ok_or("phone must be a mainland number of 11 digits, or another as +<country code><number>")?,
        None => PhoneNumber::random(random),
    };
    let openid = fields.text("openid", MAX_ID)?;
    let code = random.hex::<32>();
    sandbox.state().codes.add(code.clone(), Grant::Phone { number, openid }, sandbox.now());
    Ok(code)
}

pub(super) const OAUTH_FIELDS: [&str; 6] = ["openid", "unionid", "nickname", "sex", "headimgurl", "is_snapshotuser"];

/// A code as of the consent page, from [`OAUTH_FIELDS`]. An absent field is what is known of the openid, or random.
pub(super) fn oauth_code(sandbox: &Sandbox, fields: &Fields, scope: Scope) -> Result<String, String> {
    let random = sandbox.random();
    let openid = openid_or_random(fields, random)?;
    let unionid = fields.text("unionid", MAX_ID)?;
    let nickname = fields.text("nickname", MAX_NICKNAME)?;
    let sex = fields.integer("sex", 0..=2)?;
    let headimgurl = fields.text("headimgurl", MAX_URL)?;
    let is_snapshot = fields.flag("is_snapshotuser")?.unwrap_or_default();
    let code = random.hex::<16>();

    let state = &mut *sandbox.state();
    let identity = state.identities.get_or_insert(AppKind::Official, &openid, unionid.as_deref());
    let known = identity.profile.get_or_insert_with(|| random_profile(random));
    let profile = Profile {
        nickname: nickname.unwrap_or_else(|| known.nickname.clone()),
        sex: sex.unwrap_or(known.sex),
        headimgurl: headimgurl.unwrap_or_else(|| known.headimgurl.clone()),
    };
    *known = profile.clone();
    let unionid = identity.unionid.clone();
    let user = OAuthUser { openid, unionid, profile, is_snapshot, scope };
    state.codes.add(code.clone(), Grant::OAuth(user), sandbox.now());
    Ok(code)
}

/// The openid of the fields, or a random one in WeChat's format.
fn openid_or_random(fields: &Fields, random: &Random) -> Result<String, String> {
    match fields.text("openid", MAX_ID)? {
        Some(openid) if !openid.bytes().all(|byte| byte.is_ascii_graphic()) => {
            Err("openid: WeChat's are visible ASCII characters without spaces".to_owned())
        }
        Some(openid) => Ok(openid),
        None => Ok(format!("o{}", URL_SAFE_NO_PAD.encode(random.bytes::<20>()))),
    }
}

fn random_profile(random: &Random) -> Profile {
    Profile {
        nickname: format!("沙箱用户{}", random.digits(4)),
        sex: 0,
        headimgurl: format!("https://thirdwx.qlogo.cn/mmopen/{}/132", random.hex::<16>()),
    }
}
