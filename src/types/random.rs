use std::sync::{Arc, Mutex, PoisonError};

use rand::{RngExt, SeedableRng, rngs::StdRng};

/// Where unpredictable values come from: a cryptographic generator, seeded by the operating system.
/// It is passed in, so that a test can repeat a run from a seed.
#[derive(Clone)]
pub struct Random(Arc<Mutex<StdRng>>);

impl Random {
    /// A generator seeded by the operating system.
    #[expect(clippy::disallowed_methods, reason = "the one place that asks for randomness")]
    pub fn system() -> Self {
        Self(Arc::new(Mutex::new(rand::make_rng())))
    }

    /// A generator that repeats itself, for tests.
    pub fn seeded(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(StdRng::seed_from_u64(seed))))
    }

    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.with(|rng| rng.fill(&mut bytes[..]));
        bytes
    }

    /// `count` decimal digits, each equally likely.
    pub fn digits(&self, count: usize) -> String {
        self.with(|rng| (0..count).map(|_| char::from(rng.random_range(b'0'..=b'9'))).collect())
    }

    /// `2 * N` lower-case hexadecimal digits.
    pub fn hex<const N: usize>(&self) -> String {
        hex::encode(self.bytes::<N>())
    }

    /// A number from 0 up to, but not including, `end`.
    pub fn below(&self, end: u64) -> u64 {
        self.with(|rng| rng.random_range(0..end.max(1)))
    }

    fn with<T>(&self, draw: impl FnOnce(&mut StdRng) -> T) -> T {
        // A panic while drawing cannot leave the generator in a state worse than any other.
        draw(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
