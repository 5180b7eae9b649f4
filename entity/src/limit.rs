//! How often something happened since a window began.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "limit_windows")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    /// What is counted, and for whom.
    #[sea_orm(unique)]
    pub subject: String,
    pub count: i64,
    pub started_at: i64,
    /// Unix seconds after which the row has no effect.
    pub expires_at: i64,
}

impl ActiveModelBehavior for ActiveModel {}
