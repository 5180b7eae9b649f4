//! The live SMS code of a number for one purpose.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "sms_codes")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    #[sea_orm(unique_key = "purpose")]
    pub phone: String,
    #[sea_orm(unique_key = "purpose")]
    pub purpose: String,
    /// Keyed; only the account core holds the key.
    pub code_hash: String,
    pub expires_at: i64,
    /// How many tries were made.
    pub tries: i32,
    pub spent_at: Option<i64>,
}

impl ActiveModelBehavior for ActiveModel {}
