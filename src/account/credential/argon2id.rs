//! argon2id hashes in the PHC form.

use std::sync::{Mutex, MutexGuard, PoisonError};

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::phc::{Output, ParamsString, PasswordHash, Salt},
};
use aws_lc_rs::constant_time;

use super::password::PlainPassword;
use crate::types::Secret;

/// argon2id, whose memory is used again: freed and reallocated at each login, it would pile up in the allocator.
pub(super) struct Hasher {
    params: Params,
    /// As many buffers as hashes have run at once.
    memory: Mutex<Vec<Vec<Block>>>,
}

impl Hasher {
    pub(super) fn new(params: Params) -> Self {
        Self { params, memory: Mutex::default() }
    }

    /// The hash of a password in the PHC form.
    pub(super) fn hash(&self, password: &str, salt: &[u8; 16]) -> Secret {
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
        let hash = hash.expect("the salt has 16 bytes, the output 32, and a password is far shorter than 4 GiB");
        Secret::new(hash.to_string())
    }

    /// Whether the password is the one of a stored hash, whatever its parameters.
    pub(super) fn verify(&self, password: &PlainPassword, stored: &Secret) -> bool {
        let Ok(PasswordHash { algorithm, version, params, salt: Some(salt), hash: Some(hash) }) =
            PasswordHash::new(stored.expose())
        else {
            return false;
        };
        let version = version.and_then(|version| Version::try_from(version).ok()).unwrap_or_default();
        let Ok(params) = Params::try_from(&params) else { return false };
        let computed = self.compute(params, version, password.expose(), salt.as_ref(), hash.len());
        let same = |computed: Vec<u8>| constant_time::verify_slices_are_equal(&computed, hash.as_bytes()).is_ok();
        algorithm == Algorithm::Argon2id.ident() && computed.is_some_and(same)
    }

    /// Whether a hash was made with the current parameters.
    pub(super) fn is_current(&self, stored: &Secret) -> bool {
        let Ok(parsed) = PasswordHash::new(stored.expose()) else { return false };
        ParamsString::try_from(&self.params).is_ok_and(|current| parsed.params == current)
    }

    /// `None` when the parameters are invalid.
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
