//! A person as one WeChat app knows them.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "wechat_identities")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub user_id: i64,
    #[sea_orm(unique_key = "openid")]
    pub appid: String,
    #[sea_orm(unique_key = "openid")]
    pub openid: String,
    pub unionid: Option<String>,
    /// Encrypted; only the account core holds the key.
    pub session_key: Option<String>,
    pub created_at: i64,
    pub updated_at: i64,
}

impl ActiveModelBehavior for ActiveModel {}
