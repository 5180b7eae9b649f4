use entity::sms_code;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, ExprTrait},
};

use super::{Error, Storage, Write};
use crate::types::{Phone, Timestamp};

/// A code that may still be tried.
pub struct LiveCode {
    pub id: i64,
    pub code_hash: String,
}

impl Storage {
    /// Keeps a new code for a number and purpose; an earlier one is replaced.
    pub async fn put_sms_code(
        &self,
        phone: &Phone,
        purpose: &str,
        code_hash: &str,
        expires_at: Timestamp,
    ) -> Result<(), Error> {
        loop {
            let replaced = sms_code::Entity::update_many()
                .col_expr(sms_code::Column::CodeHash, Expr::value(code_hash))
                .col_expr(sms_code::Column::ExpiresAt, Expr::value(expires_at))
                .col_expr(sms_code::Column::Tries, Expr::value(0))
                .col_expr(sms_code::Column::SpentAt, Expr::value(Option::<i64>::None))
                .filter(sms_code::Column::Phone.eq(phone.as_str()))
                .filter(sms_code::Column::Purpose.eq(purpose))
                .exec(&self.db)
                .await?;
            if replaced.rows_affected == 1 {
                return Ok(());
            }
            let first = sms_code::ActiveModel {
                phone: Set(phone.as_str().to_owned()),
                purpose: Set(purpose.to_owned()),
                code_hash: Set(code_hash.to_owned()),
                expires_at: Set(expires_at),
                tries: Set(0),
                ..Default::default()
            };
            match sms_code::Entity::insert(first).exec_without_returning(&self.db).await.map_err(Error::from) {
                Ok(_) => return Ok(()),
                Err(Error::Conflict) => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Counts a try before anything is compared. `None` when no code is live, or all its tries are used up.
    pub async fn try_sms_code(
        &self,
        phone: &Phone,
        purpose: &str,
        max_tries: i32,
        now: Timestamp,
    ) -> Result<Option<LiveCode>, Error> {
        let counted = sms_code::Entity::update_many()
            .col_expr(sms_code::Column::Tries, Expr::col(sms_code::Column::Tries).add(1))
            .filter(sms_code::Column::Phone.eq(phone.as_str()))
            .filter(sms_code::Column::Purpose.eq(purpose))
            .filter(sms_code::Column::ExpiresAt.gt(now))
            .filter(sms_code::Column::SpentAt.is_null())
            .filter(sms_code::Column::Tries.lt(max_tries))
            .exec(&self.db)
            .await?;
        if counted.rows_affected == 0 {
            return Ok(None);
        }
        let code = sms_code::Entity::find()
            .filter(sms_code::Column::Phone.eq(phone.as_str()))
            .filter(sms_code::Column::Purpose.eq(purpose))
            .one(&self.db)
            .await?;
        Ok(code.map(|code| LiveCode { id: code.id, code_hash: code.code_hash }))
    }
}

impl Storage {
    /// Takes back the try that turned out to be right.
    pub async fn give_back_sms_try(&self, code: &LiveCode) -> Result<(), Error> {
        sms_code::Entity::update_many()
            .col_expr(sms_code::Column::Tries, Expr::col(sms_code::Column::Tries).sub(1))
            .filter(sms_code::Column::Id.eq(code.id))
            .filter(sms_code::Column::CodeHash.eq(code.code_hash.as_str()))
            .filter(sms_code::Column::SpentAt.is_null())
            .exec(&self.db)
            .await?;
        Ok(())
    }
}

impl Write {
    /// Uses the code up. `false` when it was spent, replaced or expired meanwhile.
    pub async fn spend_sms_code(&self, code: &LiveCode, now: Timestamp) -> Result<bool, Error> {
        let update = sms_code::Entity::update_many()
            .col_expr(sms_code::Column::SpentAt, Expr::value(now))
            .filter(sms_code::Column::Id.eq(code.id))
            .filter(sms_code::Column::CodeHash.eq(code.code_hash.as_str()))
            .filter(sms_code::Column::ExpiresAt.gt(now))
            .filter(sms_code::Column::SpentAt.is_null());
        Ok(update.exec(&self.tx).await?.rows_affected == 1)
    }
}
