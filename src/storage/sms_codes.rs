use entity::sms_code;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, QueryFilter,
    sea_query::{Expr, ExprTrait},
};

use super::{Error, Storage, Transaction};
use crate::types::{Phone, SmsPurpose, Timestamp};

/// A code that may still be tried.
pub struct LiveCode {
    id: i64,
    pub code_hash: String,
}

/// The one row of a number and purpose.
fn row_of(phone: &Phone, purpose: SmsPurpose) -> Condition {
    Condition::all().add(sms_code::Column::Phone.eq(phone.as_str())).add(sms_code::Column::Purpose.eq(purpose.name()))
}

impl LiveCode {
    /// The row, while it holds this code and the code is unspent.
    fn unspent(&self) -> Condition {
        Condition::all()
            .add(sms_code::Column::Id.eq(self.id))
            .add(sms_code::Column::CodeHash.eq(self.code_hash.as_str()))
            .add(sms_code::Column::SpentAt.is_null())
    }
}

impl Storage {
    /// Keeps a new code for a number and purpose; an earlier one is replaced.
    pub async fn put_sms_code(
        &self,
        phone: &Phone,
        purpose: SmsPurpose,
        code_hash: &str,
        expires_at: Timestamp,
    ) -> Result<(), Error> {
        self.statement(|db| async move {
            let replaced = sms_code::Entity::update_many()
                .col_expr(sms_code::Column::CodeHash, Expr::value(code_hash))
                .col_expr(sms_code::Column::ExpiresAt, Expr::value(expires_at))
                .col_expr(sms_code::Column::Tries, Expr::value(0))
                .col_expr(sms_code::Column::SpentAt, Expr::value(Option::<i64>::None))
                .filter(row_of(phone, purpose))
                .exec(&db)
                .await?;
            if replaced.rows_affected == 1 {
                return Ok(());
            }
            let first = sms_code::ActiveModel {
                phone: Set(phone.as_str().to_owned()),
                purpose: Set(purpose.name().to_owned()),
                code_hash: Set(code_hash.to_owned()),
                expires_at: Set(expires_at),
                tries: Set(0),
                ..Default::default()
            };
            sms_code::Entity::insert(first).exec_without_returning(&db).await.map(drop)
        })
        .await
    }

    /// Counts a try before anything is compared. `None` when no code is live, or all its tries are used up.
    pub async fn count_sms_try(
        &self,
        phone: &Phone,
        purpose: SmsPurpose,
        max_tries: i32,
        now: Timestamp,
    ) -> Result<Option<LiveCode>, Error> {
        self.statement(|db| async move {
            let counted = sms_code::Entity::update_many()
                .col_expr(sms_code::Column::Tries, Expr::col(sms_code::Column::Tries).add(1))
                .filter(row_of(phone, purpose))
                .filter(sms_code::Column::ExpiresAt.gt(now))
                .filter(sms_code::Column::SpentAt.is_null())
                .filter(sms_code::Column::Tries.lt(max_tries))
                .exec(&db)
                .await?;
            if counted.rows_affected == 0 {
                return Ok(None);
            }
            let code = sms_code::Entity::find().filter(row_of(phone, purpose)).one(&db).await?;
            Ok(code.map(|code| LiveCode { id: code.id, code_hash: code.code_hash }))
        })
        .await
    }

    /// Takes back the try that turned out to be right.
    pub async fn refund_sms_try(&self, code: &LiveCode) -> Result<(), Error> {
        self.statement(|db| async move {
            let refund = sms_code::Entity::update_many()
                .col_expr(sms_code::Column::Tries, Expr::col(sms_code::Column::Tries).sub(1))
                .filter(code.unspent());
            refund.exec(&db).await.map(drop)
        })
        .await
    }
}

impl Transaction {
    /// Spends the code. `false` when it was spent, replaced or expired meanwhile.
    pub async fn spend_sms_code(&self, code: &LiveCode, now: Timestamp) -> Result<bool, Error> {
        let update = sms_code::Entity::update_many()
            .col_expr(sms_code::Column::SpentAt, Expr::value(now))
            .filter(code.unspent())
            .filter(sms_code::Column::ExpiresAt.gt(now));
        Ok(update.exec(&*self.tx).await?.rows_affected == 1)
    }
}
