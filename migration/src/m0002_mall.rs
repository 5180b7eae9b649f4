//! What the mall adds: passwords, SMS codes, member data, member groups, OAuth states.

use sea_orm_migration::{
    MigrationName, MigrationTrait, SchemaManager, async_trait,
    schema::{
        big_integer, big_integer_null, big_pk_auto, boolean, integer, small_integer, string_len, string_len_null,
        text_null,
    },
    sea_orm::{ConnectionTrait, DbErr},
    sea_query::{Expr, ForeignKey, ForeignKeyAction, Query},
};

use crate::parts::{Exact, add_column, index, table};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0002_mall"
    }
}

/// The first member groups, with the points they begin at. A mall may change them.
const GROUPS: [(&str, i64); 5] =
    [("普通会员", 0), ("银卡会员", 1_000), ("金卡会员", 5_000), ("铂金会员", 20_000), ("钻石会员", 50_000)];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let backend = manager.get_database_backend();
        let exact = Exact::of(manager).await?;

        for (name, column) in [
            ("username", exact.column(string_len_null("username", 64))),
            ("password_hash", string_len_null("password_hash", 255)),
            ("sex", small_integer("sex").default(0).take()),
            ("birthday", big_integer("birthday").default(0).take()),
            ("points", big_integer("points").default(0).take()),
            ("amount_cents", big_integer("amount_cents").default(0).take()),
            ("shop_count", big_integer("shop_count").default(0).take()),
            ("order_count", text_null("order_count")),
            ("may_promote", boolean("may_promote").default(true).take()),
            ("promoter_id", big_integer_null("promoter_id")),
        ] {
            add_column(manager, "users", name, column).await?;
        }
        index(manager, "users", "uq_users_username", &["username"], true).await?;

        let groups = table(backend, "member_groups")
            .col(big_pk_auto("id"))
            .col(string_len("name", 32))
            .col(big_integer("min_points").unique_key())
            .take();
        manager.create_table(groups).await?;
        let known = Query::select().expr(Expr::col("id")).from("member_groups").limit(1).take();
        if manager.get_connection().query_one(&known).await?.is_none() {
            let mut groups = Query::insert().into_table("member_groups").columns(["name", "min_points"]).take();
            for (name, min_points) in GROUPS {
                groups.values_panic([name.into(), min_points.into()]);
            }
            manager.execute(groups).await?;
        }

        let codes = table(backend, "sms_codes")
            .col(big_pk_auto("id"))
            .col(string_len("phone", 20))
            .col(string_len("purpose", 16))
            .col(exact.column(string_len("code_hash", 64)))
            .col(big_integer("expires_at"))
            .col(integer("tries"))
            .col(big_integer_null("spent_at"))
            .take();
        manager.create_table(codes).await?;
        index(manager, "sms_codes", "uq_sms_codes_purpose", &["phone", "purpose"], true).await?;
        index(manager, "sms_codes", "ix_sms_codes_expiry", &["expires_at"], false).await?;

        let states = table(backend, "oauth_states")
            .col(big_pk_auto("id"))
            .col(exact.column(string_len("state_hash", 64)).unique_key())
            .col(exact.column(string_len_null("browser_hash", 64)))
            .col(string_len("redirect_uri", 512))
            .col(big_integer("expires_at"))
            .take();
        manager.create_table(states).await?;
        index(manager, "oauth_states", "ix_oauth_states_expiry", &["expires_at"], false).await?;

        let networks = table(backend, "known_networks")
            .col(big_pk_auto("id"))
            .col(big_integer("user_id"))
            .col(exact.column(string_len("network", 64)))
            .col(big_integer("expires_at"))
            .foreign_key(
                ForeignKey::create()
                    .name("fk_known_networks_user")
                    .from("known_networks", "user_id")
                    .to("users", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .take();
        manager.create_table(networks).await?;
        index(manager, "known_networks", "uq_known_networks_network", &["user_id", "network"], true).await?;
        index(manager, "known_networks", "ix_known_networks_expiry", &["expires_at"], false).await
    }
}
