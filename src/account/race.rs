//! Transactions that may lose a race: the database decides who is first, and whoever lost tries again.

use super::Error;
use crate::storage;

/// How often a transaction that lost a race is tried again before it is given up.
const TRIES: usize = 5;

/// Why a transaction came to nothing.
pub(super) enum Undone {
    LostRace,
    Refused(Error),
}

impl From<storage::Error> for Undone {
    fn from(error: storage::Error) -> Self {
        match error {
            storage::Error::Conflict => Self::LostRace,
            other => Self::Refused(other.into()),
        }
    }
}

impl From<Error> for Undone {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

/// The tries of one race.
#[derive(Default)]
pub(super) struct Race {
    lost: usize,
}

impl Race {
    /// Whether to try again after this one came to nothing: the next one sees what the winner wrote.
    ///
    /// # Errors
    /// When the transaction was refused, or one too many was lost.
    pub(super) fn again(&mut self, undone: Undone) -> Result<(), Error> {
        self.lost += 1;
        match undone {
            Undone::LostRace if self.lost < TRIES => Ok(()),
            Undone::LostRace => Err(storage::Error::Conflict.into()),
            Undone::Refused(error) => Err(error),
        }
    }
}
