use std::collections::{HashMap, VecDeque};

use crate::sandbox::apps::AppKind;

/// How many identities are kept; beyond it the oldest are removed.
const MAX_IDENTITIES: usize = 100_000;

/// What an official account may learn about a user.
#[derive(Clone)]
pub struct Profile {
    pub nickname: String,
    /// 0 unknown, 1 male, 2 female.
    pub sex: i64,
    pub headimgurl: String,
}

/// A user as one kind of app knows them.
pub struct Identity {
    pub kind: AppKind,
    pub openid: String,
    pub unionid: Option<String>,
    /// The one valid session key: each login replaces it.
    pub session_key: Option<String>,
    pub profile: Option<Profile>,
}

impl Identity {
    pub fn nickname(&self) -> Option<&str> {
        self.profile.as_ref().map(|profile| profile.nickname.as_str())
    }
}

#[derive(Default)]
pub struct Identities {
    oldest_first: VecDeque<Identity>,
    /// Counted from the first identity ever added.
    positions: HashMap<(AppKind, String), usize>,
    removed: usize,
}

impl Identities {
    /// The identity with this openid, which is added if there is none. A unionid, if given, replaces the known one.
    pub fn get_or_insert(&mut self, kind: AppKind, openid: &str, unionid: Option<&str>) -> &mut Identity {
        let key = (kind, openid.to_owned());
        let position = match self.positions.get(&key) {
            Some(position) => *position,
            None => self.insert(key),
        };
        let identity = &mut self.oldest_first[position - self.removed];
        if let Some(unionid) = unionid {
            identity.unionid = Some(unionid.to_owned());
        }
        identity
    }

    fn insert(&mut self, key: (AppKind, String)) -> usize {
        if self.oldest_first.len() == MAX_IDENTITIES
            && let Some(oldest) = self.oldest_first.pop_front()
        {
            self.positions.remove(&(oldest.kind, oldest.openid));
            self.removed += 1;
        }
        let position = self.removed + self.oldest_first.len();
        let (kind, openid) = key.clone();
        self.oldest_first.push_back(Identity { kind, openid, unionid: None, session_key: None, profile: None });
        self.positions.insert(key, position);
        position
    }

    pub fn newest_first(&self) -> impl Iterator<Item = &Identity> {
        self.oldest_first.iter().rev()
    }
}
