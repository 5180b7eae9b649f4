use std::collections::{HashMap, VecDeque};

use crate::types::Timestamp;

/// Values under made-up keys, each forgotten some time after it was added.
pub(super) struct Lapsing<T> {
    remembered: Timestamp,
    values: HashMap<String, Dated<T>>,
    oldest_first: VecDeque<String>,
}

pub(super) struct Dated<T> {
    pub(super) value: T,
    pub(super) added_at: Timestamp,
}

impl<T> Lapsing<T> {
    /// `remembered` is in seconds.
    pub(super) fn new(remembered: Timestamp) -> Self {
        Self { remembered, values: HashMap::new(), oldest_first: VecDeque::new() }
    }

    pub(super) fn add(&mut self, key: String, value: T, now: Timestamp) {
        while let Some(oldest) = self.oldest_first.front()
            && self.values.get(oldest).is_none_or(|dated| now >= dated.added_at + self.remembered)
        {
            self.values.remove(oldest);
            self.oldest_first.pop_front();
        }
        self.oldest_first.push_back(key.clone());
        self.values.insert(key, Dated { value, added_at: now });
    }

    /// What was added under `key`, which may be past its time as long as nothing was added since.
    pub(super) fn get(&self, key: &str) -> Option<&Dated<T>> {
        self.values.get(key)
    }

    pub(super) fn get_mut(&mut self, key: &str) -> Option<&mut Dated<T>> {
        self.values.get_mut(key)
    }

    pub(super) fn newest_first(&self) -> impl Iterator<Item = (&str, &Dated<T>)> {
        self.oldest_first.iter().rev().filter_map(|key| Some((key.as_str(), self.values.get(key)?)))
    }
}
