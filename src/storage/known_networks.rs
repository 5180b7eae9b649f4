use entity::known_network;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, sea_query::Expr};

use super::{Error, Storage};
use crate::types::{Network, Timestamp, UserId};

impl Storage {
    /// Whether the user logged in from this network not long ago. Without a user it does the same work.
    pub async fn knows_network(&self, user: Option<UserId>, network: &Network, now: Timestamp) -> Result<bool, Error> {
        let count = known_network::Entity::find()
            .filter(known_network::Column::UserId.eq(user.map_or(0, UserId::get)))
            .filter(known_network::Column::Network.eq(network.as_str()))
            .filter(known_network::Column::ExpiresAt.gt(now))
            .count(&self.db)
            .await?;
        Ok(count > 0)
    }

    /// Remembers until `expires_at` that the user logged in from this network.
    pub async fn remember_network(&self, user: UserId, network: &Network, expires_at: Timestamp) -> Result<(), Error> {
        self.statement(|db| async move {
            let renewed = known_network::Entity::update_many()
                .col_expr(known_network::Column::ExpiresAt, Expr::value(expires_at))
                .filter(known_network::Column::UserId.eq(user.get()))
                .filter(known_network::Column::Network.eq(network.as_str()))
                .exec(&db)
                .await?;
            if renewed.rows_affected > 0 {
                return Ok(());
            }
            let row = known_network::ActiveModel {
                user_id: Set(user.get()),
                network: Set(network.to_string()),
                expires_at: Set(expires_at),
                ..Default::default()
            };
            known_network::Entity::insert(row).exec_without_returning(&db).await?;
            Ok(())
        })
        .await
    }
}
