use std::{
    collections::{HashMap, hash_map::Entry},
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch;
use tracing::Instrument;

/// Lets concurrent callers with the same key share one call.
pub(super) struct Coalescer<K: Eq + Hash, T> {
    calls: Arc<Calls<K, T>>,
}

struct Calls<K, T>(Mutex<HashMap<K, watch::Receiver<Option<T>>>>);

impl<K: Eq + Hash, T> Clone for Coalescer<K, T> {
    fn clone(&self) -> Self {
        Self { calls: self.calls.clone() }
    }
}

impl<K, T> Coalescer<K, T>
where
    K: Clone + Eq + Hash + Send + 'static,
    T: Clone + Send + Sync + 'static,
{
    pub(super) fn new() -> Self {
        Self { calls: Arc::new(Calls(Mutex::default())) }
    }

    /// The outcome of the call that runs under `key`, or else of `call`, which is then started in a task of its
    /// own: it goes on when its callers leave. A caller who comes after its end starts a new one. `None` when
    /// the call came to no end, because it panicked or the service is stopping.
    pub(super) async fn share<F>(&self, key: K, call: impl FnOnce() -> F) -> Option<T>
    where
        F: Future<Output = T> + Send + 'static,
    {
        let mut outcome = match self.calls.lock().entry(key.clone()) {
            Entry::Occupied(running) => running.get().clone(),
            Entry::Vacant(free) => {
                let (sender, receiver) = watch::channel(None);
                free.insert(receiver.clone());
                let running = Running { calls: self.calls.clone(), key };
                let call = call();
                tokio::spawn(
                    async move {
                        let outcome = call.await;
                        // First, so that whoever has this outcome and calls again starts a new call.
                        drop(running);
                        sender.send_replace(Some(outcome));
                    }
                    .in_current_span(),
                );
                receiver
            }
        };
        outcome.wait_for(Option::is_some).await.ok()?.clone()
    }
}

impl<K, T> Calls<K, T> {
    fn lock(&self) -> MutexGuard<'_, HashMap<K, watch::Receiver<Option<T>>>> {
        // Each change of the map is one step, so a panic elsewhere leaves it whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keeps a call's entry in the map; takes it away also when the call panics.
struct Running<K: Eq + Hash, T> {
    calls: Arc<Calls<K, T>>,
    key: K,
}

impl<K: Eq + Hash, T> Drop for Running<K, T> {
    fn drop(&mut self) {
        self.calls.lock().remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_call_that_panics_ends_for_its_callers_and_leaves_nothing_behind() {
        let coalescer = Coalescer::<&str, u8>::new();
        assert_eq!(coalescer.share("key", || async { panic!("on purpose") }).await, None);
        assert_eq!(coalescer.share("key", || async { 7 }).await, Some(7));
        assert!(coalescer.calls.lock().is_empty());
    }
}
