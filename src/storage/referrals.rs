use entity::{member_group, user};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};

use super::{Error, Transaction, User};
use crate::types::UserId;

impl Transaction {
    /// Waits until no other transaction records a promoter. The lowest member group is the row that all of them lock.
    pub async fn lock_referrals(&self) -> Result<(), Error> {
        let lowest = member_group::Entity::find().order_by_asc(member_group::Column::Id).lock_exclusive();
        lowest.one(&*self.tx).await?;
        Ok(())
    }

    /// A user in the chain of promoters.
    pub async fn promoter(&self, id: UserId) -> Result<Option<User>, Error> {
        Ok(user::Entity::find_by_id(id.get()).one(&*self.tx).await?.map(User::from))
    }

    /// Records who referred the user, if no referrer is recorded yet.
    pub async fn set_promoter(&self, user: UserId, promoter: &User) -> Result<(), Error> {
        let update = user::Entity::update_many()
            .col_expr(user::Column::PromoterId, Expr::value(promoter.id.get()))
            .filter(user::Column::Id.eq(user.get()))
            .filter(user::Column::PromoterId.is_null());
        update.exec(&*self.tx).await?;
        Ok(())
    }
}
