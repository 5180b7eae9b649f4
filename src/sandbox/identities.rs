use std::collections::{HashMap, VecDeque};

use super::AppKind;

/// The most identities that are remembered; beyond it the oldest are forgotten.
const REMEMBERED: usize = 100_000;

/// What an official account may be told of somebody.
#[derive(Clone)]
pub(super) struct Profile {
    pub(super) nickname: String,
    /// 0 unknown, 1 male, 2 female.
    pub(super) sex: i64,
    pub(super) headimgurl: String,
}

/// Somebody as one kind of app knows them.
pub(super) struct Identity {
    pub(super) kind: AppKind,
    pub(super) openid: String,
    pub(super) unionid: Option<String>,
    /// The one session key that is valid: each exchange of a login code replaces it.
    pub(super) session_key: Option<String>,
    pub(super) profile: Option<Profile>,
}

#[derive(Default)]
pub(super) struct Identities {
    oldest_first: VecDeque<Identity>,
    /// Counted from the first identity ever met.
    positions: HashMap<(AppKind, String), usize>,
    forgotten: usize,
}

impl Identities {
    /// The identity with this openid, which is new when it was never met. A unionid, once given, stays
    /// until another is given.
    pub(super) fn meet(&mut self, kind: AppKind, openid: &str, unionid: Option<&str>) -> &mut Identity {
        let key = (kind, openid.to_owned());
        let position = match self.positions.get(&key) {
            Some(position) => *position,
            None => self.remember(key),
        };
        let identity = &mut self.oldest_first[position - self.forgotten];
        if let Some(unionid) = unionid {
            identity.unionid = Some(unionid.to_owned());
        }
        identity
    }

    fn remember(&mut self, key: (AppKind, String)) -> usize {
        if self.oldest_first.len() == REMEMBERED
            && let Some(oldest) = self.oldest_first.pop_front()
        {
            self.positions.remove(&(oldest.kind, oldest.openid));
            self.forgotten += 1;
        }
        let position = self.forgotten + self.oldest_first.len();
        let (kind, openid) = key.clone();
        self.oldest_first.push_back(Identity { kind, openid, unionid: None, session_key: None, profile: None });
        self.positions.insert(key, position);
        position
    }

    pub(super) fn newest_first(&self) -> impl Iterator<Item = &Identity> {
        self.oldest_first.iter().rev()
    }
}
