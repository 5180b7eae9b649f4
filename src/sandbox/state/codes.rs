use super::{
    oauth::OAuthUser,
    phone_number::PhoneNumber,
    ttl_map::{Entry, TtlMap},
};
use crate::{sandbox::errcode::Errcode, types::Timestamp};

/// How long a code can be redeemed, in seconds.
const TTL: Timestamp = 300;

/// What a code is redeemed for. Each kind has a path of its own.
pub enum Grant {
    Login {
        openid: String,
        unionid: Option<String>,
    },
    /// Without an openid any user may redeem it.
    Phone {
        number: PhoneNumber,
        openid: Option<String>,
    },
    OAuth(OAuthUser),
}

struct MintedCode {
    grant: Grant,
    is_used: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum CodeStatus {
    Usable,
    Used,
    Expired,
}

/// A code as the page lists it.
pub struct ListedCode<'a> {
    pub code: &'a str,
    pub grant: &'a Grant,
    pub status: CodeStatus,
    pub minted_at: Timestamp,
}

/// The codes that were minted. Each works once.
pub struct Codes(TtlMap<MintedCode>);

impl Default for Codes {
    fn default() -> Self {
        Self(TtlMap::new(TTL))
    }
}

impl Codes {
    pub fn add(&mut self, code: String, grant: Grant, now: Timestamp) {
        self.0.insert(code, MintedCode { grant, is_used: false }, now);
    }

    /// Marks `code` as used and returns what `extract` takes from its grant.
    ///
    /// # Errors
    /// `INVALID_CODE` when it is unknown, expired or refused by `extract`, which does not use it up; `CODE_USED` when it
    /// was used before.
    pub fn redeem<T>(
        &mut self,
        code: &str,
        now: Timestamp,
        extract: impl FnOnce(&Grant) -> Option<T>,
    ) -> Result<T, Errcode> {
        let entry = self.0.get_mut(code).ok_or(Errcode::INVALID_CODE)?;
        let extracted = extract(&entry.value.grant).ok_or(Errcode::INVALID_CODE)?;
        match status(entry, now) {
            CodeStatus::Expired => Err(Errcode::INVALID_CODE),
            CodeStatus::Used => Err(Errcode::CODE_USED),
            CodeStatus::Usable => {
                entry.value.is_used = true;
                Ok(extracted)
            }
        }
    }

    pub fn newest_first(&self, now: Timestamp) -> impl Iterator<Item = ListedCode<'_>> {
        self.0.newest_first().map(move |(code, entry)| ListedCode {
            code,
            grant: &entry.value.grant,
            status: status(entry, now),
            minted_at: entry.added_at,
        })
    }
}

fn status(entry: &Entry<MintedCode>, now: Timestamp) -> CodeStatus {
    if now >= entry.added_at + TTL {
        CodeStatus::Expired
    } else if entry.value.is_used {
        CodeStatus::Used
    } else {
        CodeStatus::Usable
    }
}
