use entity::{known_network, limit, oauth_state, session, sms_code, token};
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect};

use super::{Error, Storage, retry};
use crate::types::Timestamp;

impl Storage {
    /// Deletes at most `batch` tokens that ended before `before`. Returns how many.
    pub async fn sweep_tokens(&self, before: Timestamp, batch: u64) -> Result<u64, Error> {
        self.sweep::<token::Entity>(token::Column::Id, token::Column::ExpiresAt, before, batch).await
    }

    /// Deletes at most `batch` sessions that ended before `before`, with their tokens. Returns how many.
    pub async fn sweep_sessions(&self, before: Timestamp, batch: u64) -> Result<u64, Error> {
        self.sweep::<session::Entity>(session::Column::Id, session::Column::ExpiresAt, before, batch).await
    }

    /// Deletes at most `batch` each of what else ended before `before`: limit windows, SMS codes, OAuth states,
    /// known networks. Returns how many of the kind that had most.
    pub async fn sweep_rest(&self, before: Timestamp, batch: u64) -> Result<u64, Error> {
        use {known_network as network, oauth_state as state, sms_code as code};
        let limits = self.sweep::<limit::Entity>(limit::Column::Id, limit::Column::ExpiresAt, before, batch).await?;
        let codes = self.sweep::<code::Entity>(code::Column::Id, code::Column::ExpiresAt, before, batch).await?;
        let states = self.sweep::<state::Entity>(state::Column::Id, state::Column::ExpiresAt, before, batch).await?;
        let networks =
            self.sweep::<network::Entity>(network::Column::Id, network::Column::ExpiresAt, before, batch).await?;
        Ok(limits.max(codes).max(states).max(networks))
    }

    /// Finds a batch by the index first and deletes by primary key, so that few rows are locked, and shortly.
    async fn sweep<E: EntityTrait>(
        &self,
        id: E::Column,
        expires_at: E::Column,
        before: Timestamp,
        batch: u64,
    ) -> Result<u64, Error>
    where
        E::Model: FromQueryResult,
    {
        let ids: Vec<i64> = E::find()
            .select_only()
            .column(id)
            .filter(expires_at.lt(before))
            .limit(batch)
            .into_tuple()
            .all(&self.db)
            .await?;
        if ids.is_empty() {
            return Ok(0);
        }
        // What was renewed in between stays.
        let delete = E::delete_many().filter(id.is_in(ids)).filter(expires_at.lt(before));
        retry(|| async { Ok(delete.clone().exec(&self.db).await?.rows_affected) }).await
    }
}
