//! The one way in which anything is written: after a conflict with another transaction it is repeated, a bounded number
//! of times.

use std::{sync::Arc, time::Duration};

use sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbErr, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};

use super::{Error, Storage};
use crate::types::Random;

/// How often a write is tried before it is given up.
const MAX_TRIES: u32 = 10;

/// The longest pause between two tries, in milliseconds.
const MAX_PAUSE_MS: u64 = 64;

/// SQLite's transactions take the write lock at their beginning: one that reads first and writes later is refused
/// when another one wrote in between.
pub(super) const WRITE: TransactionOptions = TransactionOptions {
    isolation_level: None,
    access_mode: None,
    sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
};

/// A write transaction. It is committed when the work that uses it succeeds, and rolled back otherwise.
pub struct Transaction {
    pub(super) tx: Arc<DatabaseTransaction>,
}

/// Why a transaction wrote nothing.
pub enum Aborted<R> {
    /// The database failed.
    Storage(Error),
    /// The work itself refused.
    Refused(R),
}

impl<R> From<Error> for Aborted<R> {
    fn from(error: Error) -> Self {
        Self::Storage(error)
    }
}

impl Storage {
    /// Runs `work` in a transaction and commits it. After a conflict with another transaction, `work` runs again
    /// from the start and sees what the other one wrote, at most `MAX_TRIES` times in all; it must therefore do nothing
    /// but read and write through the transaction. A unique value that was taken counts as a conflict, unless `work`
    /// handles it.
    pub async fn transaction<T, R, F>(&self, work: impl Fn(Transaction) -> F) -> Result<T, Aborted<R>>
    where
        F: Future<Output = Result<T, Aborted<R>>>,
    {
        let mut tries = Tries::new(&self.random);
        loop {
            match self.run_once(&work).await {
                Err(Aborted::Storage(error)) if tries.allow_another(&error).await => {}
                outcome => return outcome,
            }
        }
    }

    async fn run_once<T, R, F>(&self, work: &impl Fn(Transaction) -> F) -> Result<T, Aborted<R>>
    where
        F: Future<Output = Result<T, Aborted<R>>>,
    {
        let tx = Arc::new(self.db.begin_with_options(WRITE).await.map_err(Error::from)?);
        let done = work(Transaction { tx: Arc::clone(&tx) }).await?;
        let tx = Arc::into_inner(tx).ok_or_else(|| Error::Internal("a transaction outlived its work".to_owned()))?;
        tx.commit().await.map_err(Error::from)?;
        Ok(done)
    }

    /// Runs statements that need no transaction around them, under the same rules.
    pub(super) async fn statement<T, F>(&self, work: impl Fn(DatabaseConnection) -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<T, DbErr>>,
    {
        let mut tries = Tries::new(&self.random);
        loop {
            match work(self.db.clone()).await.map_err(Error::from) {
                Err(error) if tries.allow_another(&error).await => {}
                outcome => return outcome,
            }
        }
    }
}

/// Counts the tries of one write.
struct Tries<'a> {
    random: &'a Random,
    made: u32,
}

impl<'a> Tries<'a> {
    fn new(random: &'a Random) -> Self {
        Self { random, made: 0 }
    }

    /// Whether to try again after this error. Waits a random time first, which grows with the tries, so that
    /// transactions that conflicted do not conflict again.
    async fn allow_another(&mut self, error: &Error) -> bool {
        self.made += 1;
        if self.made == MAX_TRIES || !error.is_lost_race() {
            return false;
        }
        let longest = MAX_PAUSE_MS.min(1 << self.made);
        tokio::time::sleep(Duration::from_millis(self.random.below(longest + 1))).await;
        true
    }
}
