use entity::limit;
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, ExprTrait},
};

use super::{Aborted, Error, Storage, Transaction};
use crate::types::Timestamp;

/// How often something happened since its window began.
pub struct LimitWindow {
    pub count: i64,
    /// Unix seconds at which counting starts anew.
    pub ends_at: Timestamp,
}

/// One count of a limit: at most `max` in a window of `seconds` that begins with the first.
#[derive(Clone)]
pub struct LimitCount {
    /// What is counted, and for whom.
    pub subject: String,
    pub max: i64,
    pub seconds: i64,
}

/// Whether something may go on.
pub enum RateLimit {
    Allowed,
    /// The limit is used up until then, in Unix seconds.
    Limited {
        until: Timestamp,
    },
}

impl Storage {
    /// The window that is running for `subject`, if any.
    pub async fn limit_window(&self, subject: &str, now: Timestamp) -> Result<Option<LimitWindow>, Error> {
        window(&self.db, subject, now).await
    }

    /// Counts one of each, or, when any is used up, none.
    pub async fn acquire_limits(&self, counts: &[LimitCount], now: Timestamp) -> Result<RateLimit, Error> {
        let acquired = self.transaction(|tx| async move {
            for count in counts {
                if !acquire(&*tx.tx, count, now).await? {
                    let window = window(&*tx.tx, &count.subject, now).await?;
                    return Err(Aborted::Refused(window.map_or(now, |window| window.ends_at)));
                }
            }
            Ok(())
        });
        match acquired.await {
            Ok(()) => Ok(RateLimit::Allowed),
            Err(Aborted::Refused(until)) => Ok(RateLimit::Limited { until }),
            Err(Aborted::Storage(error)) => Err(error),
        }
    }

    /// Takes one back of each: what was counted did not happen. Row by row, in the order in which they were counted.
    pub async fn refund_limits(&self, counts: &[LimitCount], now: Timestamp) -> Result<(), Error> {
        for count in counts {
            let update = limit::Entity::update_many()
                .col_expr(limit::Column::Count, Expr::col(limit::Column::Count).sub(1))
                .filter(limit::Column::Subject.eq(count.subject.as_str()))
                .filter(limit::Column::Count.gt(0))
                .filter(limit::Column::ExpiresAt.gt(now));
            let update = &update;
            self.statement(|db| async move { update.clone().exec(&db).await }).await?;
        }
        Ok(())
    }
}

impl Transaction {
    /// Deletes every count whose subject starts with `beginning`.
    pub async fn clear_limits(&self, beginning: &str) -> Result<(), Error> {
        limit::Entity::delete_many().filter(limit::Column::Subject.starts_with(beginning)).exec(&*self.tx).await?;
        Ok(())
    }
}

async fn window(db: &impl ConnectionTrait, subject: &str, now: Timestamp) -> Result<Option<LimitWindow>, Error> {
    let row = limit::Entity::find()
        .filter(limit::Column::Subject.eq(subject))
        .filter(limit::Column::ExpiresAt.gt(now))
        .one(db)
        .await?;
    Ok(row.map(|row| LimitWindow { count: row.count, ends_at: row.expires_at }))
}

/// Counts one more, unless that were too many. `false` then.
async fn acquire(db: &impl ConnectionTrait, count: &LimitCount, now: Timestamp) -> Result<bool, Error> {
    let counted = limit::Entity::update_many()
        .col_expr(limit::Column::Count, Expr::col(limit::Column::Count).add(1))
        .filter(limit::Column::Subject.eq(count.subject.as_str()))
        .filter(limit::Column::ExpiresAt.gt(now))
        .filter(limit::Column::Count.lt(count.max))
        .exec(db)
        .await?;
    if counted.rows_affected == 1 {
        return Ok(true);
    }
    let restarted = limit::Entity::update_many()
        .col_expr(limit::Column::Count, Expr::value(1))
        .col_expr(limit::Column::StartedAt, Expr::value(now))
        .col_expr(limit::Column::ExpiresAt, Expr::value(now + count.seconds))
        .filter(limit::Column::Subject.eq(count.subject.as_str()))
        .filter(limit::Column::ExpiresAt.lte(now))
        .exec(db)
        .await?;
    if restarted.rows_affected == 1 {
        return Ok(true);
    }
    match window(db, &count.subject, now).await? {
        // Another transaction restarted the window between the first statement and the second.
        Some(window) if window.count < count.max => return Err(Error::Contended),
        Some(_) => return Ok(false),
        None => {}
    }
    let first = limit::ActiveModel {
        subject: Set(count.subject.clone()),
        count: Set(1),
        started_at: Set(now),
        expires_at: Set(now + count.seconds),
        ..Default::default()
    };
    first.insert(db).await?;
    Ok(true)
}
