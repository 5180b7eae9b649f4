use entity::{known_network, limit, oauth_state, session, sms_code, token};
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect};

use super::{Error, Storage};
use crate::types::Timestamp;

/// Rows that are deleted some time after they expired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expired {
    Tokens,
    /// With their tokens.
    Sessions,
    Limits,
    SmsCodes,
    OauthStates,
    KnownNetworks,
}

/// Which rows to delete: those that expired before a time, at most so many.
#[derive(Clone, Copy)]
struct Batch {
    before: Timestamp,
    limit: u64,
}

impl Storage {
    /// Deletes at most `limit` rows of a kind that expired before `before`. Returns how many.
    pub async fn delete_expired(&self, kind: Expired, before: Timestamp, limit: u64) -> Result<u64, Error> {
        let batch = Batch { before, limit };
        match kind {
            Expired::Tokens => self.delete(token::Entity, token::Column::Id, token::Column::ExpiresAt, batch).await,
            Expired::Sessions => {
                self.delete(session::Entity, session::Column::Id, session::Column::ExpiresAt, batch).await
            }
            Expired::Limits => self.delete(limit::Entity, limit::Column::Id, limit::Column::ExpiresAt, batch).await,
            Expired::SmsCodes => {
                self.delete(sms_code::Entity, sms_code::Column::Id, sms_code::Column::ExpiresAt, batch).await
            }
            Expired::OauthStates => {
                self.delete(oauth_state::Entity, oauth_state::Column::Id, oauth_state::Column::ExpiresAt, batch).await
            }
            Expired::KnownNetworks => {
                let (id, expires_at) = (known_network::Column::Id, known_network::Column::ExpiresAt);
                self.delete(known_network::Entity, id, expires_at, batch).await
            }
        }
    }

    /// Finds a batch by the index first and deletes by primary key, so that few rows are locked, and shortly.
    async fn delete<E: EntityTrait>(
        &self,
        _table: E,
        id: E::Column,
        expires_at: E::Column,
        Batch { before, limit }: Batch,
    ) -> Result<u64, Error>
    where
        E::Model: FromQueryResult,
    {
        let expired = E::find().select_only().column(id).filter(expires_at.lt(before)).limit(limit);
        let ids: Vec<i64> = expired.into_tuple().all(&self.db).await?;
        if ids.is_empty() {
            return Ok(0);
        }
        // What was renewed in between is kept.
        let delete = E::delete_many().filter(id.is_in(ids)).filter(expires_at.lt(before));
        let delete = &delete;
        self.statement(|db| async move { Ok(delete.clone().exec(&db).await?.rows_affected) }).await
    }
}
