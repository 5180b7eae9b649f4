use entity::limit;
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, ExprTrait},
};

use super::{Error, Storage};
use crate::types::Timestamp;

/// How often something happened since its window began.
pub struct LimitWindow {
    pub count: i64,
    /// Unix seconds at which counting starts anew.
    pub ends_at: Timestamp,
}

impl Storage {
    /// The window that is running for `subject`, if any.
    pub async fn limit_window(&self, subject: &str, now: Timestamp) -> Result<Option<LimitWindow>, Error> {
        let row = limit::Entity::find()
            .filter(limit::Column::Subject.eq(subject))
            .filter(limit::Column::ExpiresAt.gt(now))
            .one(&self.db)
            .await?;
        Ok(row.map(|row| LimitWindow { count: row.count, ends_at: row.expires_at }))
    }

    /// Counts one more for `subject`. A window begins with the first count and lasts `seconds`.
    pub async fn count_limit(&self, subject: &str, seconds: i64, now: Timestamp) -> Result<(), Error> {
        loop {
            let counted = limit::Entity::update_many()
                .col_expr(limit::Column::Count, Expr::col(limit::Column::Count).add(1))
                .filter(limit::Column::Subject.eq(subject))
                .filter(limit::Column::ExpiresAt.gt(now))
                .exec(&self.db)
                .await?;
            if counted.rows_affected == 1 {
                return Ok(());
            }
            let begun_anew = limit::Entity::update_many()
                .col_expr(limit::Column::Count, Expr::value(1))
                .col_expr(limit::Column::StartedAt, Expr::value(now))
                .col_expr(limit::Column::ExpiresAt, Expr::value(now + seconds))
                .filter(limit::Column::Subject.eq(subject))
                .filter(limit::Column::ExpiresAt.lte(now))
                .exec(&self.db)
                .await?;
            if begun_anew.rows_affected == 1 {
                return Ok(());
            }
            let first = limit::ActiveModel {
                subject: Set(subject.to_owned()),
                count: Set(1),
                started_at: Set(now),
                expires_at: Set(now + seconds),
                ..Default::default()
            };
            match first.insert(&self.db).await.map_err(Error::from) {
                Ok(_) => return Ok(()),
                // Somebody else began the window, or renewed it, in between: count into that one.
                Err(Error::Conflict) => {}
                Err(error) => return Err(error),
            }
        }
    }
}
