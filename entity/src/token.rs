//! One token of a session. A session has at most one that is not replaced.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "tokens")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    /// In the form of `TokenId`.
    #[sea_orm(unique)]
    pub token_id: String,
    pub session_id: i64,
    pub issued_at: i64,
    pub expires_at: i64,
    /// Unix seconds of the refresh that replaced it.
    pub replaced_at: Option<i64>,
}

impl ActiveModelBehavior for ActiveModel {}
