//! A user, the same in every dialect.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub name: String,
    /// In the form of `Phone`; unique.
    #[sea_orm(unique)]
    pub phone: Option<String>,
    /// WeChat's id of the user across the apps of one open platform account; unique.
    #[sea_orm(unique)]
    pub unionid: Option<String>,
    pub avatar: Option<String>,
    pub bmi: Option<f64>,
    pub fat: Option<f64>,
    /// The login name of a user who was imported with one; all other users log in with their phone number.
    #[sea_orm(unique)]
    pub username: Option<String>,
    /// In the PHC form, with its parameters and salt; `None` for users without a password.
    pub password_hash: Option<String>,
    /// 0 unknown, 1 male, 2 female.
    pub sex: i16,
    /// Unix seconds; 0 unknown.
    pub birthday: i64,
    /// Kept by the mall's other modules, like the next three.
    pub points: i64,
    pub amount_cents: i64,
    pub shop_count: i64,
    /// A JSON object of counters; `None` is an empty one.
    #[sea_orm(column_type = "Text", nullable)]
    pub order_count: Option<String>,
    /// Whether the user may promote others.
    pub may_promote: bool,
    /// The user who promoted this one; recorded once.
    pub promoter_id: Option<i64>,
    /// Unix seconds; `None` while the account may be used.
    pub disabled_at: Option<i64>,
    pub created_at: i64,
    pub updated_at: i64,
}

impl ActiveModelBehavior for ActiveModel {}
