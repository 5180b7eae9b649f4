use entity::known_network;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, sea_query::Expr};

use super::{Error, Storage};
use crate::types::Timestamp;

impl Storage {
    /// Whether the user logged in from there not long ago.
    pub async fn knows_network(&self, user_id: i64, network: &str, now: Timestamp) -> Result<bool, Error> {
        let count = known_network::Entity::find()
            .filter(known_network::Column::UserId.eq(user_id))
            .filter(known_network::Column::Network.eq(network))
            .filter(known_network::Column::ExpiresAt.gt(now))
            .count(&self.db)
            .await?;
        Ok(count > 0)
    }

    /// Remembers until `expires_at` that the user logged in from there.
    pub async fn remember_network(&self, user_id: i64, network: &str, expires_at: Timestamp) -> Result<(), Error> {
        let renewed = known_network::Entity::update_many()
            .col_expr(known_network::Column::ExpiresAt, Expr::value(expires_at))
            .filter(known_network::Column::UserId.eq(user_id))
            .filter(known_network::Column::Network.eq(network))
            .exec(&self.db)
            .await?;
        if renewed.rows_affected > 0 {
            return Ok(());
        }
        let row = known_network::ActiveModel {
            user_id: Set(user_id),
            network: Set(network.to_owned()),
            expires_at: Set(expires_at),
            ..Default::default()
        };
        match known_network::Entity::insert(row).exec_without_returning(&self.db).await.map_err(Error::from) {
            // Another login from there remembered it at the same time.
            Ok(_) | Err(Error::Conflict) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
