//! A user as one app of a provider knows them.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "identities")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub user_id: i64,
    /// The provider; `wechat` is the only one so far.
    #[sea_orm(unique_key = "subject")]
    pub provider: String,
    /// The provider's id of the app: WeChat's appid.
    #[sea_orm(unique_key = "subject")]
    pub app: String,
    /// The user's id within the app: WeChat's openid.
    #[sea_orm(unique_key = "subject")]
    pub subject: String,
    /// The user's id across all apps of one owner: WeChat's unionid.
    pub union: Option<String>,
    /// WeChat's session key, encrypted; only the account core holds the key.
    pub session_key: Option<String>,
    pub created_at: i64,
    pub updated_at: i64,
}

impl ActiveModelBehavior for ActiveModel {}
