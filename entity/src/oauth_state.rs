//! A `state` that was sent to WeChat's consent page and can be used once.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "oauth_states")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    #[sea_orm(unique)]
    pub state_hash: String,
    /// The hash of the cookie that must be sent with it; `None` when a script keeps the state itself.
    pub browser_hash: Option<String>,
    pub redirect_uri: String,
    pub expires_at: i64,
}

impl ActiveModelBehavior for ActiveModel {}
