use crate::types::Timestamp;

use super::{
    errcode::Errcode,
    lapsing::{Dated, Lapsing},
    oauth::Visitor,
    phone::Number,
};

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
    OAuth(Visitor),
}

pub(super) struct Minted {
    pub(super) grant: Grant,
    spent: bool,
}

/// Whether a code can still be exchanged.
pub(super) enum Standing {
    Good,
    Spent,
    Expired,
}

/// The codes that were minted in the last five minutes. Each works once.
pub(super) struct Codes(Lapsing<Minted>);

impl Default for Codes {
    fn default() -> Self {
        Self(Lapsing::new(LIFETIME))
    }
}

impl Codes {
    pub(super) fn add(&mut self, code: String, grant: Grant, now: Timestamp) {
        self.0.add(code, Minted { grant, spent: false }, now);
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
        let dated = self.0.get_mut(code).ok_or(Errcode::INVALID_CODE)?;
        let grant = wanted(&dated.value.grant).ok_or(Errcode::INVALID_CODE)?;
        match standing(dated, now) {
            Standing::Expired => Err(Errcode::INVALID_CODE),
            Standing::Spent => Err(Errcode::CODE_USED),
            Standing::Good => {
                dated.value.spent = true;
                Ok(grant)
            }
        }
    }

    pub(super) fn newest_first(&self) -> impl Iterator<Item = (&str, &Dated<Minted>)> {
        self.0.newest_first()
    }
}

pub(super) fn standing(minted: &Dated<Minted>, now: Timestamp) -> Standing {
    if now >= minted.added_at + LIFETIME {
        Standing::Expired
    } else if minted.value.spent {
        Standing::Spent
    } else {
        Standing::Good
    }
}
