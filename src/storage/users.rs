use entity::user;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QuerySelect, SqlErr, UpdateMany,
    sea_query::Expr,
};

use super::{Error, Storage, Transaction};
use crate::types::{Phone, Secret, Timestamp, UserId};

/// A person's account.
#[derive(Clone)]
pub struct User {
    pub id: UserId,
    pub name: String,
    pub phone: Option<Phone>,
    pub unionid: Option<String>,
    pub avatar: Option<String>,
    pub bmi: Option<f64>,
    pub fat: Option<f64>,
    pub disabled: bool,
    /// The login name of an imported user.
    pub username: Option<String>,
    /// 0 unknown, 1 male, 2 female.
    pub sex: i16,
    /// Unix seconds; 0 unknown.
    pub birthday: Timestamp,
    pub points: i64,
    pub amount_cents: i64,
    pub shop_count: i64,
    /// A JSON object of counters.
    pub order_count: Option<String>,
    pub may_promote: bool,
    pub promoter: Option<UserId>,
}

impl From<user::Model> for User {
    fn from(row: user::Model) -> Self {
        Self {
            id: UserId::new(row.id),
            name: row.name,
            phone: row.phone.map(Phone::stored),
            unionid: row.unionid,
            avatar: row.avatar,
            bmi: row.bmi,
            fat: row.fat,
            disabled: row.disabled_at.is_some(),
            username: row.username,
            sex: row.sex,
            birthday: row.birthday,
            points: row.points,
            amount_cents: row.amount_cents,
            shop_count: row.shop_count,
            order_count: row.order_count,
            may_promote: row.may_promote,
            promoter: row.promoter_id.map(UserId::new),
        }
    }
}

/// A user to be created.
#[derive(Default)]
pub struct NewUser {
    pub name: String,
    pub phone: Option<Phone>,
    pub unionid: Option<String>,
    pub password_hash: Option<Secret>,
}

impl Storage {
    pub async fn user(&self, id: UserId) -> Result<Option<User>, Error> {
        Ok(user::Entity::find_by_id(id.get()).one(&self.db).await?.map(User::from))
    }

    pub async fn user_by_phone(&self, phone: &Phone) -> Result<Option<User>, Error> {
        let found = user::Entity::find().filter(user::Column::Phone.eq(phone.as_str())).one(&self.db).await?;
        Ok(found.map(User::from))
    }

    /// Gives the number to the user, in place of an earlier one. `false` when there is no such user. A statement of its
    /// own holds its locks so shortly that users who exchange numbers do not wait for each other.
    pub async fn set_phone(&self, id: UserId, phone: &Phone, now: Timestamp) -> Result<bool, Error> {
        let update = &update_user(id, now, [(user::Column::Phone, Expr::value(phone.as_str()))]);
        let set = self.statement(|db| async move {
            match update.clone().exec(&db).await {
                // That another user has the number is the outcome, not a lost race.
                Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
                    Ok(Err(error.into()))
                }
                done => Ok(Ok(done?.rows_affected == 1)),
            }
        });
        set.await?
    }
}

impl Transaction {
    /// The user who has this unionid. Their row is locked until the transaction ends.
    pub async fn user_by_unionid(&self, unionid: &str) -> Result<Option<User>, Error> {
        let found = user::Entity::find().filter(user::Column::Unionid.eq(unionid)).lock_exclusive();
        Ok(found.one(&*self.tx).await?.map(User::from))
    }

    pub async fn insert_user(&self, new: NewUser, now: Timestamp) -> Result<User, Error> {
        let row = user::ActiveModel {
            name: Set(new.name),
            phone: Set(new.phone.map(|phone| phone.as_str().to_owned())),
            unionid: Set(new.unionid),
            password_hash: Set(new.password_hash.map(|hash| hash.expose().to_owned())),
            sex: Set(0),
            birthday: Set(0),
            points: Set(0),
            amount_cents: Set(0),
            shop_count: Set(0),
            may_promote: Set(true),
            created_at: Set(now),
            updated_at: Set(now),
            ..Default::default()
        };
        Ok(row.insert(&*self.tx).await?.into())
    }

    /// Records the unionid of a user who had none.
    pub async fn set_unionid(&self, id: UserId, unionid: &str, now: Timestamp) -> Result<(), Error> {
        let update = user::Entity::update_many()
            .col_expr(user::Column::Unionid, Expr::value(unionid))
            .col_expr(user::Column::UpdatedAt, Expr::value(now))
            .filter(user::Column::Id.eq(id.get()))
            .filter(user::Column::Unionid.is_null());
        update.exec(&*self.tx).await?;
        Ok(())
    }

    /// Disables the account at `disabled_at`, or enables it. `false` when there is no such user.
    pub async fn set_disabled(
        &self,
        id: UserId,
        disabled_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<bool, Error> {
        let update = update_user(id, now, [(user::Column::DisabledAt, Expr::value(disabled_at))]);
        Ok(update.exec(&*self.tx).await?.rows_affected == 1)
    }

    /// Deletes the user and their identities. `false` when there is no such user.
    pub async fn delete_user(&self, id: UserId) -> Result<bool, Error> {
        Ok(user::Entity::delete_by_id(id.get()).exec(&*self.tx).await?.rows_affected == 1)
    }
}

/// Sets columns of a user.
pub(super) fn update_user(
    id: UserId,
    now: Timestamp,
    columns: impl IntoIterator<Item = (user::Column, Expr)>,
) -> UpdateMany<user::Entity> {
    let update = user::Entity::update_many()
        .col_expr(user::Column::UpdatedAt, Expr::value(now))
        .filter(user::Column::Id.eq(id.get()));
    columns.into_iter().fold(update, |update, (column, value)| update.col_expr(column, value))
}
