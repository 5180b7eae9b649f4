//! Passwords: argon2id on a bounded number of blocking threads.

use std::{sync::Arc, time::Duration};

use argon2::Params;
use serde::Deserialize;
use tokio::sync::{Notify, Semaphore};
use validator::Validate;

use super::{
    argon2id::Hasher,
    password::{NewPassword, PlainPassword},
};
use crate::{
    account::Error,
    types::{Random, Secret},
};

/// Passwords guessable within this many tries are rejected as common.
const COMMON_GUESSES: u64 = 10_000;

/// `[password]`: what a hash costs, and how many are computed at once.
#[derive(Clone, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct PasswordSettings {
    /// KiB.
    #[validate(range(min = 8, max = 1_048_576, message = "must be from 8 to 1048576"))]
    pub memory: u32,
    #[validate(range(min = 1, max = 100, message = "must be from 1 to 100"))]
    pub iterations: u32,
    #[validate(range(min = 1, max = 16, message = "must be from 1 to 16"))]
    pub parallelism: u32,
    /// Hashes at once; 0 is one for each core.
    #[validate(range(max = 1024, message = "must be at most 1024"))]
    pub threads: usize,
    /// Hashes that wait; more are refused.
    #[validate(range(min = 1, max = 100_000, message = "must be from 1 to 100000"))]
    pub queue: usize,
}

/// The pool that computes hashes.
pub(crate) struct PasswordHashing {
    hasher: Arc<Hasher>,
    /// One for each hash that runs or waits.
    queue_slots: Arc<Semaphore>,
    running: Arc<Semaphore>,
    /// How many may run and wait.
    capacity: usize,
    /// Notifies waiters that a hash was computed.
    finished: Arc<Notify>,
    /// A hash of a random password, verified for users that do not exist.
    dummy_hash: Secret,
}

/// The result of comparing a password.
pub(crate) enum Verified {
    Wrong,
    Right,
    /// Right, but its hash was made with other parameters; this one has the current ones.
    RightWithNewHash(Secret),
}

impl PasswordHashing {
    pub(crate) fn new(settings: &PasswordSettings, random: &Random) -> Self {
        let params =
            Params::new(settings.memory.max(8 * settings.parallelism), settings.iterations, settings.parallelism, None)
                .expect("the settings are checked to be within the algorithm's bounds");
        let hasher = Hasher::new(params);
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        let threads = if settings.threads == 0 { cores() } else { settings.threads };
        let dummy_hash = hasher.hash(&random.hex::<16>(), &random.bytes());
        Self {
            hasher: Arc::new(hasher),
            queue_slots: Arc::new(Semaphore::new(threads + settings.queue)),
            running: Arc::new(Semaphore::new(threads)),
            capacity: threads + settings.queue,
            finished: Arc::default(),
            dummy_hash,
        }
    }

    /// The hash of a new password, with a salt of its own. One of the most common passwords, and the user's own phone
    /// number, is [`Error::PasswordCommon`].
    pub(crate) async fn hash(&self, password: &NewPassword, phone: &str, random: &Random) -> Result<Secret, Error> {
        let (hasher, password, phone) = (Arc::clone(&self.hasher), password.clone(), phone.to_owned());
        let salt = random.bytes();
        self.run(move || {
            if zxcvbn::zxcvbn(password.expose(), &[&phone]).guesses() < COMMON_GUESSES {
                return Err(Error::PasswordCommon);
            }
            Ok(hasher.hash(password.expose(), &salt))
        })
        .await?
    }

    /// Compares a password with a stored hash; without one the same work is done against a dummy hash.
    pub(crate) async fn verify(
        &self,
        password: &PlainPassword,
        stored: Option<&Secret>,
        random: &Random,
    ) -> Result<Verified, Error> {
        let known = stored.is_some();
        let stored = stored.unwrap_or(&self.dummy_hash).clone();
        let (hasher, password, salt) = (Arc::clone(&self.hasher), password.clone(), random.bytes());
        self.run(move || {
            let right = hasher.verify(&password, &stored);
            if !(right && known) {
                return Verified::Wrong;
            }
            if hasher.is_current(&stored) {
                return Verified::Right;
            }
            Verified::RightWithNewHash(hasher.hash(password.expose(), &salt))
        })
        .await
    }

    /// Whether any password is being hashed or waits for it.
    pub(crate) fn is_busy(&self) -> bool {
        self.queue_slots.available_permits() < self.capacity
    }

    /// Waits until a hash has been computed, or 100 ms: the last one may have been computed already.
    pub(crate) async fn wait_for_hash(&self) {
        // Either way the caller checks again.
        let _ = tokio::time::timeout(Duration::from_millis(100), self.finished.notified()).await;
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
        let slot = Arc::clone(&self.queue_slots).try_acquire_owned().map_err(|_| Error::Overloaded)?;
        let running = Arc::clone(&self.running).acquire_owned().await.map_err(|_| Error::Internal)?;
        // The permits are moved into the task, so that work that outlives its caller keeps its slot.
        let work = tokio::task::spawn_blocking(move || {
            let done = work();
            drop((slot, running));
            done
        });
        let done = work.await.map_err(|_| Error::Internal);
        self.finished.notify_waiters();
        done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> PlainPassword {
        PlainPassword::new(text)
    }

    fn new(text: &str) -> NewPassword {
        NewPassword::parse(text).expect("8 to 64 characters")
    }

    fn settings(iterations: u32) -> PasswordSettings {
        PasswordSettings { memory: 64, iterations, parallelism: 1, threads: 1, queue: 2 }
    }

    fn hashing(iterations: u32) -> PasswordHashing {
        PasswordHashing::new(&settings(iterations), &Random::system())
    }

    #[tokio::test]
    async fn a_hash_is_argon2id_with_its_own_salt_and_only_its_password_fits() {
        let (hashing, random) = (hashing(1), Random::system());
        let password = new("不太常见的口令 x7");
        let first = hashing.hash(&password, "13800138000", &random).await.unwrap();
        let second = hashing.hash(&password, "13800138000", &random).await.unwrap();

        assert!(first.expose().starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{}", first.expose());
        assert_ne!(first.expose(), second.expose());
        let (right, wrong) = (plain("不太常见的口令 x7"), plain("不太常见的口令 x8"));
        assert!(matches!(hashing.verify(&right, Some(&first), &random).await, Ok(Verified::Right)));
        assert!(matches!(hashing.verify(&wrong, Some(&first), &random).await, Ok(Verified::Wrong)));
        assert!(matches!(hashing.verify(&right, None, &random).await, Ok(Verified::Wrong)));
    }

    #[tokio::test]
    async fn older_parameters_verify_and_are_upgraded() {
        let random = Random::system();
        let password = plain("不太常见的口令 x7");
        let old = hashing(1).hash(&new("不太常见的口令 x7"), "", &random).await.unwrap();

        let today = hashing(2);
        let Ok(Verified::RightWithNewHash(new)) = today.verify(&password, Some(&old), &random).await else {
            panic!("an older hash verifies and is made anew");
        };
        assert!(matches!(today.verify(&password, Some(&new), &random).await, Ok(Verified::Right)));
    }

    #[tokio::test]
    async fn no_password_is_cut_silently() {
        let (hashing, random) = (hashing(1), Random::system());
        let long = "密".repeat(63);
        let hash = hashing.hash(&new(&format!("{long}a")), "", &random).await.unwrap();
        let other = plain(&format!("{long}b"));
        assert!(matches!(hashing.verify(&other, Some(&hash), &random).await, Ok(Verified::Wrong)));
    }

    #[tokio::test]
    async fn the_most_common_passwords_and_the_own_number_are_refused() {
        let (hashing, random) = (hashing(1), Random::system());
        for password in ["12345678", "password", "88888888", "qwertyuiop", "password1", "13800138000", "aaaaaaaa"] {
            let refused = hashing.hash(&new(password), "13800138000", &random).await;
            assert!(matches!(refused, Err(Error::PasswordCommon)), "{password}");
        }
    }

    #[tokio::test]
    async fn more_than_the_queue_holds_is_shed() {
        let (hashing, random) = (Arc::new(hashing(1)), Random::system());
        // One runs and two wait, for as long as this is held.
        let held = Arc::clone(&hashing.running).acquire_owned().await.unwrap();
        let waiting: Vec<_> = (0..3)
            .map(|_| {
                let (hashing, random) = (Arc::clone(&hashing), random.clone());
                tokio::spawn(async move { hashing.verify(&plain("x"), None, &random).await.is_ok() })
            })
            .collect();
        while hashing.queue_slots.available_permits() > 0 {
            tokio::task::yield_now().await;
        }

        assert!(matches!(hashing.verify(&plain("x"), None, &random).await, Err(Error::Overloaded)));
        drop(held);
        for one in waiting {
            assert!(one.await.unwrap());
        }
    }
}
