//! One person, in whichever dialect they log in.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub name: String,
    /// In the form of `Phone`; a number has one owner.
    #[sea_orm(unique)]
    pub phone: Option<String>,
    /// WeChat's name for the person across the apps of one open platform account; it has one owner.
    #[sea_orm(unique)]
    pub unionid: Option<String>,
    pub avatar: Option<String>,
    pub bmi: Option<f64>,
    pub fat: Option<f64>,
    /// Unix seconds; `None` while the account may be used.
    pub disabled_at: Option<i64>,
    pub created_at: i64,
    pub updated_at: i64,
}

impl ActiveModelBehavior for ActiveModel {}
