//! Users, their WeChat identities, their sessions with tokens, and the limits.

use sea_orm_migration::{
    MigrationName, MigrationTrait, SchemaManager, async_trait,
    schema::{big_integer, big_integer_null, big_pk_auto, double_null, string_len, string_len_null},
    sea_orm::DbErr,
    sea_query::{ForeignKey, ForeignKeyAction},
};

use crate::parts::{Exact, index, table};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0001_accounts"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let backend = manager.get_database_backend();
        let exact = Exact::of(manager).await?;

        let users = table(backend, "users")
            .col(big_pk_auto("id"))
            .col(string_len("name", 32))
            .col(string_len_null("phone", 20).unique_key())
            .col(exact.column(string_len_null("unionid", 64)).unique_key())
            .col(string_len_null("avatar", 512))
            .col(double_null("bmi"))
            .col(double_null("fat"))
            .col(big_integer_null("disabled_at"))
            .col(big_integer("created_at"))
            .col(big_integer("updated_at"))
            .take();
        manager.create_table(users).await?;

        let identities = table(backend, "wechat_identities")
            .col(big_pk_auto("id"))
            .col(big_integer("user_id"))
            .col(exact.column(string_len("appid", 64)))
            .col(exact.column(string_len("openid", 64)))
            .col(exact.column(string_len_null("unionid", 64)))
            .col(string_len_null("session_key", 1024))
            .col(big_integer("created_at"))
            .col(big_integer("updated_at"))
            .foreign_key(
                ForeignKey::create()
                    .name("fk_wechat_identities_user")
                    .from("wechat_identities", "user_id")
                    .to("users", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .take();
        manager.create_table(identities).await?;
        index(manager, "wechat_identities", "uq_wechat_identities_openid", &["appid", "openid"], true).await?;
        index(manager, "wechat_identities", "ix_wechat_identities_user", &["user_id"], false).await?;

        // No foreign key to users: a token of a deleted user must still be recognised, so that the
        // response says that the user is gone.
        let sessions = table(backend, "sessions")
            .col(big_pk_auto("id"))
            .col(big_integer("user_id"))
            .col(big_integer_null("identity_id"))
            .col(big_integer("created_at"))
            .col(big_integer("expires_at"))
            .col(big_integer_null("ended_at"))
            .take();
        manager.create_table(sessions).await?;
        index(manager, "sessions", "ix_sessions_user", &["user_id"], false).await?;
        index(manager, "sessions", "ix_sessions_expiry", &["expires_at"], false).await?;

        let tokens = table(backend, "tokens")
            .col(big_pk_auto("id"))
            .col(exact.column(string_len("token_id", 64)).unique_key())
            .col(big_integer("session_id"))
            .col(big_integer("issued_at"))
            .col(big_integer("expires_at"))
            .col(big_integer_null("replaced_at"))
            .foreign_key(
                ForeignKey::create()
                    .name("fk_tokens_session")
                    .from("tokens", "session_id")
                    .to("sessions", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .take();
        manager.create_table(tokens).await?;
        index(manager, "tokens", "ix_tokens_session", &["session_id"], false).await?;
        index(manager, "tokens", "ix_tokens_expiry", &["expires_at"], false).await?;

        let limits = table(backend, "limit_windows")
            .col(big_pk_auto("id"))
            .col(exact.column(string_len("subject", 191)).unique_key())
            .col(big_integer("count"))
            .col(big_integer("started_at"))
            .col(big_integer("expires_at"))
            .take();
        manager.create_table(limits).await?;
        index(manager, "limit_windows", "ix_limit_windows_expiry", &["expires_at"], false).await
    }
}
