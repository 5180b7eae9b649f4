use std::collections::{HashMap, VecDeque};

use crate::types::Timestamp;

use super::{errcode::Errcode, phone::Number};

/// How long a code can be exchanged, in seconds.
const LIFETIME: Timestamp = 300;

/// What a code can be exchanged for. Each kind of code is exchanged at a path of its own.
pub(super) enum Grant {
    Login {
        openid: String,
        unionid: Option<String>,
    },
    /// Without an openid it is anybody's.
    Phone {
        number: Number,
        openid: Option<String>,
    },
}

pub(super) struct Minted {
    pub(super) grant: Grant,
    pub(super) minted_at: Timestamp,
    pub(super) spent: bool,
}

impl Minted {
    pub(super) fn is_expired(&self, now: Timestamp) -> bool {
        now >= self.minted_at + LIFETIME
    }
}

/// The codes that were minted in the last five minutes. Each works once.
#[derive(Default)]
pub(super) struct Codes {
    minted: HashMap<String, Minted>,
    oldest_first: VecDeque<String>,
}

impl Codes {
    pub(super) fn add(&mut self, code: String, grant: Grant, now: Timestamp) {
        while let Some(oldest) = self.oldest_first.front()
            && self.minted.get(oldest).is_none_or(|minted| minted.is_expired(now))
        {
            self.minted.remove(oldest);
            self.oldest_first.pop_front();
        }
        self.oldest_first.push_back(code.clone());
        self.minted.insert(code, Minted { grant, minted_at: now, spent: false });
    }

    /// Spends `code`, when it is one that `wanted` accepts, for what `wanted` takes from it.
    ///
    /// # Errors
    /// `INVALID_CODE` when it is unknown, too old or not accepted, and it is then not spent;
    /// `CODE_USED` when it was spent before.
    pub(super) fn spend<T>(
        &mut self,
        code: &str,
        now: Timestamp,
        wanted: impl FnOnce(&Grant) -> Option<T>,
    ) -> Result<T, Errcode> {
        let minted = self.minted.get_mut(code).filter(|minted| !minted.is_expired(now)).ok_or(Errcode::INVALID_CODE)?;
        let grant = wanted(&minted.grant).ok_or(Errcode::INVALID_CODE)?;
        if minted.spent {
            return Err(Errcode::CODE_USED);
        }
        minted.spent = true;
        Ok(grant)
    }

    pub(super) fn newest_first(&self) -> impl Iterator<Item = (&str, &Minted)> {
        self.oldest_first.iter().rev().filter_map(|code| Some((code.as_str(), self.minted.get(code)?)))
    }
}
