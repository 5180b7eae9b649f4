//! A login and all tokens that come from it.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "sessions")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub user_id: i64,
    /// The identity that logged in; `None` for a login by password.
    pub identity_id: Option<i64>,
    /// Unix seconds of the login.
    pub created_at: i64,
    /// Unix seconds after which none of its tokens can be used or refreshed.
    pub expires_at: i64,
    /// Unix seconds of the logout, of the account being disabled, or of a replaced token's reuse.
    pub ended_at: Option<i64>,
}

impl ActiveModelBehavior for ActiveModel {}
