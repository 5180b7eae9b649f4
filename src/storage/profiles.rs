use entity::user;
use sea_orm::sea_query::{Expr, Value};

use super::{Error, Transaction};
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

impl Transaction {
    /// Changes what `change` names. `false` when there is no such user.
    pub async fn update_profile(&self, id: UserId, change: &ProfileChange, now: Timestamp) -> Result<bool, Error> {
        let ProfileChange { name, avatar, bmi, fat, sex } = change.clone();
        let columns = [
            (user::Column::Name, name.map(Value::from)),
            (user::Column::Avatar, avatar.map(Value::from)),
            (user::Column::Bmi, bmi.map(Value::from)),
            (user::Column::Fat, fat.map(Value::from)),
            (user::Column::Sex, sex.map(Value::from)),
        ];
        let changed = columns.into_iter().filter_map(|(column, value)| Some((column, Expr::value(value?))));
        self.update_user(id, now, changed).await
    }
}
