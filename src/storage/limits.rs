use entity::limit;
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, ExprTrait},
};

use super::{Error, Storage, Write, retry};
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
pub enum Taken {
    Yes,
    /// The limit is used up until then, in Unix seconds.
    No {
        until: Timestamp,
    },
}

impl Storage {
    /// The window that is running for `subject`, if any.
    pub async fn limit_window(&self, subject: &str, now: Timestamp) -> Result<Option<LimitWindow>, Error> {
        window(&self.db, subject, now).await
    }

    /// Counts one of each, or, when any is used up, none.
    pub async fn take_limits(&self, counts: &[LimitCount], now: Timestamp) -> Result<Taken, Error> {
        loop {
            match self.try_take(counts, now).await {
                // Somebody began the same window at the same time: count into that one.
                Err(Error::Conflict) => {}
                other => return other,
            }
        }
    }

    async fn try_take(&self, counts: &[LimitCount], now: Timestamp) -> Result<Taken, Error> {
        let write = self.write().await?;
        for count in counts {
            if !take(&write.tx, count, now).await? {
                let until = window(&write.tx, &count.subject, now).await?.map_or(now, |window| window.ends_at);
                return Ok(Taken::No { until });
            }
        }
        write.commit().await?;
        Ok(Taken::Yes)
    }

    /// Takes one back of each: what was counted did not happen. Row by row, in the order in which they were counted.
    pub async fn give_back_limits(&self, counts: &[LimitCount], now: Timestamp) -> Result<(), Error> {
        for count in counts {
            let update = limit::Entity::update_many()
                .col_expr(limit::Column::Count, Expr::col(limit::Column::Count).sub(1))
                .filter(limit::Column::Subject.eq(count.subject.as_str()))
                .filter(limit::Column::Count.gt(0))
                .filter(limit::Column::ExpiresAt.gt(now));
            retry(|| async { Ok(update.clone().exec(&self.db).await?) }).await?;
        }
        Ok(())
    }
}

impl Write {
    /// Forgets every count whose subject begins so.
    pub async fn clear_limits(&self, beginning: &str) -> Result<(), Error> {
        limit::Entity::delete_many().filter(limit::Column::Subject.starts_with(beginning)).exec(&self.tx).await?;
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
async fn take(db: &impl ConnectionTrait, count: &LimitCount, now: Timestamp) -> Result<bool, Error> {
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
    let begun_anew = limit::Entity::update_many()
        .col_expr(limit::Column::Count, Expr::value(1))
        .col_expr(limit::Column::StartedAt, Expr::value(now))
        .col_expr(limit::Column::ExpiresAt, Expr::value(now + count.seconds))
        .filter(limit::Column::Subject.eq(count.subject.as_str()))
        .filter(limit::Column::ExpiresAt.lte(now))
        .exec(db)
        .await?;
    if begun_anew.rows_affected == 1 {
        return Ok(true);
    }
    match window(db, &count.subject, now).await? {
        // Somebody began the window anew between the first statement and the second.
        Some(window) if window.count < count.max => return Err(Error::Conflict),
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
