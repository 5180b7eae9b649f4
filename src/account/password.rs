//! Passwords: argon2id on a bounded number of blocking threads.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::phc::{Output, ParamsString, PasswordHash, Salt},
};
use aws_lc_rs::constant_time;
use serde::Deserialize;
use tokio::sync::Semaphore;
use validator::Validate;

use super::Error;
use crate::types::{Random, Secret};

/// Whoever can be guessed in so many tries has one of the most common passwords.
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
pub(super) struct PasswordHashing {
    hasher: Arc<Hasher>,
    /// Those that run and those that wait.
    admitted: Arc<Semaphore>,
    running: Arc<Semaphore>,
    /// A hash of no password, for the work that an unknown user costs.
    nobody: String,
}

/// What a password turned out to be.
pub(super) enum Verified {
    Wrong,
    Right,
    /// Right, but its hash was made with other parameters; this one has the current ones.
    RightWithNewHash(Secret),
}

impl PasswordHashing {
    pub(super) fn new(settings: &PasswordSettings, random: &Random) -> Self {
        let params =
            Params::new(settings.memory.max(8 * settings.parallelism), settings.iterations, settings.parallelism, None)
                .expect("the settings are checked to be within the algorithm's bounds");
        let hasher = Hasher { params, memory: Mutex::default() };
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        let threads = if settings.threads == 0 { cores() } else { settings.threads };
        let nobody = hasher.hash(&random.hex::<16>(), &random.bytes());
        Self {
            hasher: Arc::new(hasher),
            admitted: Arc::new(Semaphore::new(threads + settings.queue)),
            running: Arc::new(Semaphore::new(threads)),
            nobody,
        }
    }

    /// The hash of a new password, with a salt of its own.
    ///
    /// # Errors
    /// [`Error::PasswordCommon`] when it is one of the most common ones or the user's own phone number;
    /// [`Error::Overloaded`].
    pub(super) async fn hash(&self, password: &Secret, phone: &str, random: &Random) -> Result<Secret, Error> {
        let (hasher, password, phone) = (Arc::clone(&self.hasher), password.clone(), phone.to_owned());
        let salt = random.bytes();
        self.run(move || {
            if zxcvbn::zxcvbn(password.expose(), &[&phone]).guesses() < COMMON_GUESSES {
                return Err(Error::PasswordCommon);
            }
            Ok(Secret::new(hasher.hash(password.expose(), &salt)))
        })
        .await?
    }

    /// Compares a password with a stored hash; without one the same work is done in vain.
    ///
    /// # Errors
    /// [`Error::Overloaded`].
    pub(super) async fn verify(
        &self,
        password: &Secret,
        stored: Option<&Secret>,
        random: &Random,
    ) -> Result<Verified, Error> {
        let known = stored.is_some();
        let stored = stored.map_or_else(|| self.nobody.clone(), |hash| hash.expose().to_owned());
        let (hasher, password, salt) = (Arc::clone(&self.hasher), password.clone(), random.bytes());
        self.run(move || {
            let right = hasher.fits(password.expose(), &stored);
            if !(right && known) {
                return Verified::Wrong;
            }
            if hasher.is_current(&stored) {
                return Verified::Right;
            }
            Verified::RightWithNewHash(Secret::new(hasher.hash(password.expose(), &salt)))
        })
        .await
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
        let admitted = Arc::clone(&self.admitted).try_acquire_owned().map_err(|_| Error::Overloaded)?;
        let running = Arc::clone(&self.running).acquire_owned().await.map_err(|_| Error::Internal)?;
        // The permits go along, so that a caller who hangs up does not make room for work that still runs.
        let work = tokio::task::spawn_blocking(move || {
            let done = work();
            drop((admitted, running));
            done
        });
        work.await.map_err(|_| Error::Internal)
    }
}

/// argon2id, whose memory is used again: freed and asked for anew at each login, it would pile up in the allocator.
struct Hasher {
    params: Params,
    /// As many pieces as hashes have run at once.
    memory: Mutex<Vec<Vec<Block>>>,
}

impl Hasher {
    /// The hash of a password in the PHC form.
    fn hash(&self, password: &str, salt: &[u8; 16]) -> String {
        let output = self.compute(self.params.clone(), Version::V0x13, password, salt, Params::DEFAULT_OUTPUT_LEN);
        let hash = output.and_then(|output| {
            Some(PasswordHash {
                algorithm: Algorithm::Argon2id.ident(),
                version: Some(Version::V0x13.into()),
                params: ParamsString::try_from(&self.params).ok()?,
                salt: Some(Salt::new(salt).ok()?),
                hash: Some(Output::new(&output).ok()?),
            })
        });
        hash.expect("the salt has 16 bytes, the output 32, and a password is far shorter than 4 GiB").to_string()
    }

    /// Whether the password is the one of a stored hash, whatever its parameters.
    fn fits(&self, password: &str, stored: &str) -> bool {
        let Ok(PasswordHash { algorithm, version, params, salt: Some(salt), hash: Some(hash) }) =
            PasswordHash::new(stored)
        else {
            return false;
        };
        let version = version.and_then(|version| Version::try_from(version).ok()).unwrap_or_default();
        let Ok(params) = Params::try_from(&params) else { return false };
        let computed = self.compute(params, version, password, salt.as_ref(), hash.len());
        let same = |computed: Vec<u8>| constant_time::verify_slices_are_equal(&computed, hash.as_bytes()).is_ok();
        algorithm == Algorithm::Argon2id.ident() && computed.is_some_and(same)
    }

    /// Whether a hash was made with the parameters of today.
    fn is_current(&self, stored: &str) -> bool {
        let Ok(parsed) = PasswordHash::new(stored) else { return false };
        ParamsString::try_from(&self.params).is_ok_and(|current| parsed.params == current)
    }

    /// `None` when the parameters make no sense.
    fn compute(&self, params: Params, version: Version, password: &str, salt: &[u8], length: usize) -> Option<Vec<u8>> {
        let blocks = params.block_count();
        let mut memory = self.memory().pop().unwrap_or_default();
        if memory.len() < blocks {
            memory.resize(blocks, Block::default());
        }
        let mut output = vec![0; length];
        let argon2 = Argon2::new(Algorithm::Argon2id, version, params);
        let done = argon2.hash_password_into_with_memory(password.as_bytes(), salt, &mut output, &mut memory[..blocks]);
        self.memory().push(memory);
        done.ok().map(|()| output)
    }

    fn memory(&self) -> MutexGuard<'_, Vec<Vec<Block>>> {
        // Whatever a panic left there is overwritten by the next hash.
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(iterations: u32) -> PasswordSettings {
        PasswordSettings { memory: 64, iterations, parallelism: 1, threads: 1, queue: 2 }
    }

    fn hashing(iterations: u32) -> PasswordHashing {
        PasswordHashing::new(&settings(iterations), &Random::system())
    }

    #[tokio::test]
    async fn a_hash_is_argon2id_with_its_own_salt_and_only_its_password_fits() {
        let (hashing, random) = (hashing(1), Random::system());
        let password = Secret::new("不太常见的口令 x7");
        let first = hashing.hash(&password, "13800138000", &random).await.unwrap();
        let second = hashing.hash(&password, "13800138000", &random).await.unwrap();

        assert!(first.expose().starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{}", first.expose());
        assert_ne!(first.expose(), second.expose());
        assert!(matches!(hashing.verify(&password, Some(&first), &random).await, Ok(Verified::Right)));
        let other = Secret::new("不太常见的口令 x8");
        assert!(matches!(hashing.verify(&other, Some(&first), &random).await, Ok(Verified::Wrong)));
        assert!(matches!(hashing.verify(&password, None, &random).await, Ok(Verified::Wrong)));
    }

    #[tokio::test]
    async fn older_parameters_verify_and_are_upgraded() {
        let random = Random::system();
        let password = Secret::new("不太常见的口令 x7");
        let old = hashing(1).hash(&password, "", &random).await.unwrap();

        let today = hashing(2);
        let Ok(Verified::RightWithNewHash(new)) = today.verify(&password, Some(&old), &random).await else {
            panic!("an older hash verifies and is made anew");
        };
        assert!(matches!(today.verify(&password, Some(&new), &random).await, Ok(Verified::Right)));
    }

    #[tokio::test]
    async fn no_password_is_cut_silently() {
        let (hashing, random) = (hashing(1), Random::system());
        let long = "密".repeat(64);
        let hash = hashing.hash(&Secret::new(format!("{}a", &long[3..])), "", &random).await.unwrap();
        let other = Secret::new(format!("{}b", &long[3..]));
        assert!(matches!(hashing.verify(&other, Some(&hash), &random).await, Ok(Verified::Wrong)));
    }

    #[tokio::test]
    async fn the_most_common_passwords_and_the_own_number_are_refused() {
        let (hashing, random) = (hashing(1), Random::system());
        for password in ["12345678", "password", "88888888", "qwertyuiop", "password1", "13800138000", "aaaaaaaa"] {
            let refused = hashing.hash(&Secret::new(password), "13800138000", &random).await;
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
                tokio::spawn(async move { hashing.verify(&Secret::new("x"), None, &random).await.is_ok() })
            })
            .collect();
        while hashing.admitted.available_permits() > 0 {
            tokio::task::yield_now().await;
        }

        assert!(matches!(hashing.verify(&Secret::new("x"), None, &random).await, Err(Error::Overloaded)));
        drop(held);
        for one in waiting {
            assert!(one.await.unwrap());
        }
    }
}
