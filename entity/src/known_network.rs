//! The networks from which users logged in recently.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "known_networks")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    #[sea_orm(unique_key = "network")]
    pub user_id: i64,
    #[sea_orm(unique_key = "network")]
    pub network: String,
    /// Unix seconds until which it counts as known.
    pub expires_at: i64,
}

impl ActiveModelBehavior for ActiveModel {}
