//! The names of the member groups, by points.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "member_groups")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub name: String,
    /// The fewest points of a member of the group.
    #[sea_orm(unique)]
    pub min_points: i64,
}

impl ActiveModelBehavior for ActiveModel {}
