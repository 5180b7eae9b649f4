//! Users who gave an official account access through the consent page.

use super::{identities::Profile, ttl_map::TtlMap};
use crate::{sandbox::errcode::Errcode, types::Timestamp};

/// How long an access token is valid, in seconds.
pub const TOKEN_TTL: Timestamp = 7200;

/// How long an expired token is distinguished from an unknown one, in seconds.
const EXPIRED_TTL: Timestamp = 3600;

/// What an official account may learn about a user: the openid alone, or the profile as well.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    Base,
    UserInfo,
}

impl Scope {
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Base, Self::UserInfo].into_iter().find(|scope| scope.as_str() == name)
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Base => "snsapi_base",
            Self::UserInfo => "snsapi_userinfo",
        }
    }
}

#[derive(Clone)]
pub struct OAuthUser {
    pub openid: String,
    pub unionid: Option<String>,
    pub profile: Profile,
    /// A virtual account, which WeChat shows to pages that the user has only previewed.
    pub is_snapshot: bool,
    pub scope: Scope,
}

/// The access tokens of users. They are valid for `/sns/userinfo` only.
pub struct OAuthTokens(TtlMap<OAuthUser>);

impl Default for OAuthTokens {
    fn default() -> Self {
        Self(TtlMap::new(TOKEN_TTL + EXPIRED_TTL))
    }
}

impl OAuthTokens {
    pub fn add(&mut self, token: String, user: OAuthUser, now: Timestamp) {
        self.0.insert(token, user, now);
    }

    pub fn user(&self, token: &str, now: Timestamp) -> Result<&OAuthUser, Errcode> {
        let entry = self.0.get(token).ok_or(Errcode::INVALID_CREDENTIAL)?;
        if now >= entry.added_at + TOKEN_TTL { Err(Errcode::TOKEN_EXPIRED) } else { Ok(&entry.value) }
    }
}
