//! Identities of any provider: WeChat's table becomes a table for all providers and keeps its rows.

use sea_orm_migration::{
    MigrationName, MigrationTrait, SchemaManager, async_trait, schema::string_len, sea_orm::DbErr, sea_query::Table,
};

use crate::parts::{Exact, add_column, drop_index, index};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0003_identities"
    }
}

const OLD: &str = "wechat_identities";
const NEW: &str = "identities";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let exact = Exact::of(manager).await?;
        if manager.has_table(OLD).await? {
            manager.rename_table(Table::rename().table(OLD, NEW).take()).await?;
        }
        for (old, new) in [("appid", "app"), ("openid", "subject"), ("unionid", "union")] {
            if manager.has_column(NEW, old).await? {
                manager.alter_table(Table::alter().table(NEW).rename_column(old, new).take()).await?;
            }
        }
        let provider = exact.column(string_len("provider", 16).default("wechat").take());
        add_column(manager, NEW, "provider", provider).await?;
        // The new ones first: MySQL keeps an index of the column of the foreign key at any time.
        index(manager, NEW, "uq_identities_subject", &["provider", "app", "subject"], true).await?;
        index(manager, NEW, "ix_identities_user", &["user_id"], false).await?;
        drop_index(manager, NEW, "uq_wechat_identities_openid").await?;
        drop_index(manager, NEW, "ix_wechat_identities_user").await
    }
}
