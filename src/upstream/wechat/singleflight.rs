use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared, WeakShared},
};
use tracing::Instrument;

/// A call with its outcome; `None` when it did not end, because it panicked or the runtime is shutting down.
type Call<T> = BoxFuture<'static, Option<T>>;

/// Merges concurrent calls with the same key into one.
pub(super) struct Group<K, T>(Arc<Flights<K, T>>);

struct Flights<K, T>(Mutex<HashMap<K, WeakShared<Call<T>>>>);

impl<K, T> Clone for Group<K, T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<K: Clone + Eq + Hash, T: Clone + Send + Sync + 'static> Group<K, T> {
    pub(super) fn new() -> Self {
        Self(Arc::new(Flights(Mutex::default())))
    }

    /// Joins the flight with `key`, or starts one that will make `call`. It lasts until the last of its members is
    /// dropped, so it does not matter how fast the call ends.
    pub(super) fn join(&self, key: K, call: impl Future<Output = T> + Send + 'static) -> Flight<K, T> {
        let mut flights = self.0.lock();
        let call = flights.get(&key).and_then(WeakShared::upgrade).unwrap_or_else(|| {
            // In a task of its own, so that the call goes on when the member that started it is dropped.
            let call = async { tokio::spawn(call.in_current_span()).await.ok() }.boxed().shared();
            flights.extend(call.downgrade().map(|call| (key.clone(), call)));
            call
        });
        drop(flights);
        Flight { flights: self.0.clone(), key, call: Some(call) }
    }
}

/// One caller's membership in a call.
pub(super) struct Flight<K: Eq + Hash, T> {
    flights: Arc<Flights<K, T>>,
    key: K,
    /// `None` only while it is dropped.
    call: Option<Shared<Call<T>>>,
}

impl<K: Eq + Hash, T: Clone> Flight<K, T> {
    /// The outcome of the call, which begins when the first member asks for it. `None` when it did not end, because
    /// it panicked or the runtime is shutting down.
    pub(super) async fn outcome(&self) -> Option<T> {
        self.call.clone()?.await
    }
}

impl<K: Eq + Hash, T> Drop for Flight<K, T> {
    fn drop(&mut self) {
        let mut flights = self.flights.lock();
        // Under the lock, so that no caller joins a flight whose last member is leaving.
        self.call = None;
        if flights.get(&self.key).is_some_and(|call| call.upgrade().is_none()) {
            flights.remove(&self.key);
        }
    }
}

impl<K, T> Flights<K, T> {
    fn lock(&self) -> MutexGuard<'_, HashMap<K, WeakShared<Call<T>>>> {
        // Each change of the map is one step, so a panic elsewhere leaves it consistent.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn members_that_overlap_share_one_call_however_fast_it_is() {
        let group = Group::<&str, u8>::new();
        let first = group.join("key", async { 1 });
        assert_eq!(first.outcome().await, Some(1));

        let second = group.join("key", async { 2 });
        drop(first);
        let third = group.join("key", async { 3 });
        assert_eq!(second.outcome().await, Some(1));
        assert_eq!(third.outcome().await, Some(1));
        assert_eq!(group.join("another", async { 4 }).outcome().await, Some(4));

        drop((second, third));
        assert!(group.0.lock().is_empty());
        assert_eq!(group.join("key", async { 5 }).outcome().await, Some(5));
    }

    #[tokio::test]
    async fn a_call_goes_on_when_the_member_that_began_it_leaves() {
        let group = Group::<&str, u8>::new();
        let (answer, answered) = oneshot::channel();
        let first = group.join("key", async { answered.await.expect("the answer is sent") });
        let second = group.join("key", async { 2 });
        let mut begun = Box::pin(async move { first.outcome().await });
        assert!(futures_util::poll!(&mut begun).is_pending());

        drop(begun);
        answer.send(1).expect("the call goes on");

        assert_eq!(second.outcome().await, Some(1));
    }

    #[tokio::test]
    async fn a_call_that_panics_ends_for_its_members_and_leaves_nothing_behind() {
        let group = Group::<&str, u8>::new();
        assert_eq!(group.join("key", async { panic!("on purpose") }).outcome().await, None);
        assert_eq!(group.join("key", async { 7 }).outcome().await, Some(7));
        assert!(group.0.lock().is_empty());
    }
}
