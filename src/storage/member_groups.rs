use entity::member_group;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::{Error, Storage};

impl Storage {
    /// The name of the group of members with that many points.
    pub async fn member_group(&self, points: i64) -> Result<Option<String>, Error> {
        let group = member_group::Entity::find()
            .filter(member_group::Column::MinPoints.lte(points))
            .order_by_desc(member_group::Column::MinPoints)
            .one(&self.db)
            .await?;
        Ok(group.map(|group| group.name))
    }
}
