use std::collections::{HashMap, VecDeque};

use crate::types::Timestamp;

/// Values under random keys. Adding a value removes those that are older than the time to live.
pub struct TtlMap<T> {
    /// In seconds.
    ttl: Timestamp,
    entries: HashMap<String, Entry<T>>,
    oldest_first: VecDeque<String>,
}

pub struct Entry<T> {
    pub value: T,
    pub added_at: Timestamp,
}

impl<T> TtlMap<T> {
    /// `ttl` is in seconds.
    pub fn new(ttl: Timestamp) -> Self {
        Self { ttl, entries: HashMap::new(), oldest_first: VecDeque::new() }
    }

    pub fn insert(&mut self, key: String, value: T, now: Timestamp) {
        while let Some(oldest) = self.oldest_first.front()
            && self.entries.get(oldest).is_none_or(|entry| now >= entry.added_at + self.ttl)
        {
            self.entries.remove(oldest);
            self.oldest_first.pop_front();
        }
        self.oldest_first.push_back(key.clone());
        self.entries.insert(key, Entry { value, added_at: now });
    }

    /// The entry, which may be older than the time to live as long as nothing was added since.
    pub fn get(&self, key: &str) -> Option<&Entry<T>> {
        self.entries.get(key)
    }

    /// As [`TtlMap::get`].
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Entry<T>> {
        self.entries.get_mut(key)
    }

    pub fn newest_first(&self) -> impl Iterator<Item = (&str, &Entry<T>)> {
        self.oldest_first.iter().rev().filter_map(|key| Some((key.as_str(), self.entries.get(key)?)))
    }
}
