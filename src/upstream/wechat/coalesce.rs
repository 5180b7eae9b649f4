use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use tokio::sync::watch;
use tracing::Instrument;

/// Lets callers whose work overlaps share one call, if they have the same key.
pub(super) struct Coalescer<K: Eq + Hash, T> {
    calls: Arc<Calls<K, T>>,
}

struct Calls<K, T>(Mutex<HashMap<K, Weak<Call<T>>>>);

/// One call: not begun, under way, or ended.
struct Call<T>(Mutex<Option<watch::Receiver<Option<T>>>>);

impl<K: Eq + Hash, T> Clone for Coalescer<K, T> {
    fn clone(&self) -> Self {
        Self { calls: self.calls.clone() }
    }
}

impl<K: Clone + Eq + Hash, T> Coalescer<K, T> {
    pub(super) fn new() -> Self {
        Self { calls: Arc::new(Calls(Mutex::default())) }
    }

    /// Joins those who are at work with `key`. Their call is kept until the last of them is gone, so that it does not
    /// matter how fast it is answered.
    pub(super) fn join(&self, key: K) -> Share<K, T> {
        let mut calls = self.calls.lock();
        let call = calls.get(&key).and_then(Weak::upgrade).unwrap_or_else(|| {
            let call = Arc::new(Call(Mutex::default()));
            calls.insert(key.clone(), Arc::downgrade(&call));
            call
        });
        drop(calls);
        Share { calls: self.calls.clone(), key, call: Some(call) }
    }
}

/// One caller's share in a call.
pub(super) struct Share<K: Eq + Hash, T> {
    calls: Arc<Calls<K, T>>,
    key: K,
    /// `None` only while it is dropped.
    call: Option<Arc<Call<T>>>,
}

impl<K: Eq + Hash, T: Clone + Send + Sync + 'static> Share<K, T> {
    pub(super) fn key(&self) -> &K {
        &self.key
    }

    /// The outcome of the call: of `call`, started in a task of its own, when nobody has begun; it goes on when its
    /// callers leave. `None` when the call came to no end, because it panicked or the service is stopping.
    pub(super) async fn outcome<F>(&self, call: impl FnOnce() -> F) -> Option<T>
    where
        F: Future<Output = T> + Send + 'static,
    {
        let mut outcome = {
            let shared = self.call.as_ref()?;
            let mut begun = shared.0.lock().unwrap_or_else(PoisonError::into_inner);
            begun
                .get_or_insert_with(|| {
                    let (sender, receiver) = watch::channel(None);
                    let call = call();
                    let run = async move { sender.send_replace(Some(call.await)) };
                    tokio::spawn(run.in_current_span());
                    receiver
                })
                .clone()
        };
        outcome.wait_for(Option::is_some).await.ok()?.clone()
    }
}

impl<K: Eq + Hash, T> Drop for Share<K, T> {
    fn drop(&mut self) {
        let mut calls = self.calls.lock();
        // Under the lock, so that nobody joins a call whose last share is going.
        self.call = None;
        if calls.get(&self.key).is_some_and(|call| call.strong_count() == 0) {
            calls.remove(&self.key);
        }
    }
}

impl<K, T> Calls<K, T> {
    fn lock(&self) -> MutexGuard<'_, HashMap<K, Weak<Call<T>>>> {
        // Each change of the map is one step, so a panic elsewhere leaves it whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn whoever_joins_before_the_others_are_gone_shares_their_call_however_fast_it_was() {
        let coalescer = Coalescer::<&str, u8>::new();
        let first = coalescer.join("key");
        assert_eq!(first.outcome(|| async { 1 }).await, Some(1));

        let second = coalescer.join("key");
        drop(first);
        let third = coalescer.join("key");
        assert_eq!(second.outcome(|| async { 2 }).await, Some(1));
        assert_eq!(third.outcome(|| async { 3 }).await, Some(1));
        assert_eq!(coalescer.join("another").outcome(|| async { 4 }).await, Some(4));

        drop((second, third));
        assert!(coalescer.calls.lock().is_empty());
        assert_eq!(coalescer.join("key").outcome(|| async { 5 }).await, Some(5));
    }

    #[tokio::test]
    async fn a_call_that_panics_ends_for_its_callers_and_leaves_nothing_behind() {
        let coalescer = Coalescer::<&str, u8>::new();
        assert_eq!(coalescer.join("key").outcome(|| async { panic!("on purpose") }).await, None);
        assert_eq!(coalescer.join("key").outcome(|| async { 7 }).await, Some(7));
        assert!(coalescer.calls.lock().is_empty());
    }
}
