use entity::user;
use sea_orm::{
    UpdateMany,
    sea_query::{Expr, Value},
};

use super::{Error, Storage, Transaction, users::update_user};
use crate::types::{Timestamp, UserId};

/// What changes in a profile. The outer `None` keeps a value; `Some(None)` clears it.
#[derive(Clone, Default)]
pub struct ProfileChange {
    pub name: Option<String>,
    pub avatar: Option<Option<String>>,
    pub bmi: Option<Option<f64>>,
    pub fat: Option<Option<f64>>,
    /// 0 unknown, 1 male, 2 female.
    pub sex: Option<i16>,
}

impl Storage {
    /// Changes what `change` names. `false` when there is no such user.
    pub async fn update_profile(&self, id: UserId, change: &ProfileChange, now: Timestamp) -> Result<bool, Error> {
        let update = &change.update(id, now);
        self.statement(|db| async move { Ok(update.clone().exec(&db).await?.rows_affected == 1) }).await
    }
}

impl Transaction {
    /// Changes what `change` names.
    pub async fn update_profile(&self, id: UserId, change: &ProfileChange, now: Timestamp) -> Result<(), Error> {
        change.update(id, now).exec(&*self.tx).await?;
        Ok(())
    }
}

impl ProfileChange {
    fn update(&self, id: UserId, now: Timestamp) -> UpdateMany<user::Entity> {
        let Self { name, avatar, bmi, fat, sex } = self.clone();
        let columns = [
            (user::Column::Name, name.map(Value::from)),
            (user::Column::Avatar, avatar.map(Value::from)),
            (user::Column::Bmi, bmi.map(Value::from)),
            (user::Column::Fat, fat.map(Value::from)),
            (user::Column::Sex, sex.map(Value::from)),
        ];
        update_user(id, now, columns.into_iter().filter_map(|(column, value)| Some((column, Expr::value(value?)))))
    }
}
