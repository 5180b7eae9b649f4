use entity::user;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};

use super::{Error, Storage, Write};
use crate::types::{Phone, Timestamp};

/// A person's account.
#[derive(Clone)]
pub struct User {
    pub id: i64,
    pub name: String,
    pub phone: Option<Phone>,
    pub unionid: Option<String>,
    pub avatar: Option<String>,
    pub bmi: Option<f64>,
    pub fat: Option<f64>,
    pub disabled: bool,
}

impl From<user::Model> for User {
    fn from(row: user::Model) -> Self {
        Self {
            id: row.id,
            name: row.name,
            phone: row.phone.map(Phone::stored),
            unionid: row.unionid,
            avatar: row.avatar,
            bmi: row.bmi,
            fat: row.fat,
            disabled: row.disabled_at.is_some(),
        }
    }
}

/// What a user changes about themselves. The outer `None` keeps a value; `Some(None)` clears it.
#[derive(Clone, Default)]
pub struct ProfileChange {
    pub name: Option<String>,
    pub avatar: Option<Option<String>>,
    pub bmi: Option<Option<f64>>,
    pub fat: Option<Option<f64>>,
}

impl Storage {
    pub async fn user(&self, id: i64) -> Result<Option<User>, Error> {
        Ok(user::Entity::find_by_id(id).one(&self.db).await?.map(User::from))
    }

    pub async fn user_by_phone(&self, phone: &Phone) -> Result<Option<User>, Error> {
        let found = user::Entity::find().filter(user::Column::Phone.eq(phone.as_str())).one(&self.db).await?;
        Ok(found.map(User::from))
    }

    /// Changes what `change` names. `false` when there is no such user.
    pub async fn change_profile(&self, id: i64, change: ProfileChange, now: Timestamp) -> Result<bool, Error> {
        let mut update = user::Entity::update_many().col_expr(user::Column::UpdatedAt, Expr::value(now));
        if let Some(name) = change.name {
            update = update.col_expr(user::Column::Name, Expr::value(name));
        }
        if let Some(avatar) = change.avatar {
            update = update.col_expr(user::Column::Avatar, Expr::value(avatar));
        }
        if let Some(bmi) = change.bmi {
            update = update.col_expr(user::Column::Bmi, Expr::value(bmi));
        }
        if let Some(fat) = change.fat {
            update = update.col_expr(user::Column::Fat, Expr::value(fat));
        }
        Ok(update.filter(user::Column::Id.eq(id)).exec(&self.db).await?.rows_affected == 1)
    }

    /// Gives the number to the user, in place of an earlier one. `false` when there is no such user.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the number belongs to another user.
    pub async fn set_phone(&self, id: i64, phone: &Phone, now: Timestamp) -> Result<bool, Error> {
        let update = user::Entity::update_many()
            .col_expr(user::Column::Phone, Expr::value(phone.as_str()))
            .col_expr(user::Column::UpdatedAt, Expr::value(now))
            .filter(user::Column::Id.eq(id));
        Ok(update.exec(&self.db).await?.rows_affected == 1)
    }
}

impl Write {
    pub async fn insert_user(&self, name: String, unionid: Option<String>, now: Timestamp) -> Result<User, Error> {
        let row = user::ActiveModel {
            name: Set(name),
            unionid: Set(unionid),
            created_at: Set(now),
            updated_at: Set(now),
            ..Default::default()
        };
        Ok(row.insert(&self.tx).await?.into())
    }

    pub async fn user_by_unionid(&self, unionid: &str) -> Result<Option<User>, Error> {
        Ok(user::Entity::find().filter(user::Column::Unionid.eq(unionid)).one(&self.tx).await?.map(User::from))
    }

    /// Records the unionid of a user who had none.
    pub async fn set_unionid(&self, id: i64, unionid: &str, now: Timestamp) -> Result<(), Error> {
        user::Entity::update_many()
            .col_expr(user::Column::Unionid, Expr::value(unionid))
            .col_expr(user::Column::UpdatedAt, Expr::value(now))
            .filter(user::Column::Id.eq(id))
            .filter(user::Column::Unionid.is_null())
            .exec(&self.tx)
            .await?;
        Ok(())
    }

    /// Disables the account at `disabled_at`, or enables it. `false` when there is no such user.
    pub async fn set_disabled(&self, id: i64, disabled_at: Option<Timestamp>, now: Timestamp) -> Result<bool, Error> {
        let update = user::Entity::update_many()
            .col_expr(user::Column::DisabledAt, Expr::value(disabled_at))
            .col_expr(user::Column::UpdatedAt, Expr::value(now))
            .filter(user::Column::Id.eq(id));
        Ok(update.exec(&self.tx).await?.rows_affected == 1)
    }

    /// Deletes the user and their identities. `false` when there is no such user.
    pub async fn delete_user(&self, id: i64) -> Result<bool, Error> {
        Ok(user::Entity::delete_by_id(id).exec(&self.tx).await?.rows_affected == 1)
    }
}
