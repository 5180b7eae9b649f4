use entity::{member_group, user};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, sea_query::Expr,
};

use super::{Error, Storage, Write};
use crate::types::{Phone, Secret, Timestamp};

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
    pub promoter_id: Option<i64>,
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
            username: row.username,
            sex: row.sex,
            birthday: row.birthday,
            points: row.points,
            amount_cents: row.amount_cents,
            shop_count: row.shop_count,
            order_count: row.order_count,
            may_promote: row.may_promote,
            promoter_id: row.promoter_id,
        }
    }
}

/// A user who is about to be made.
pub struct NewUser {
    pub name: String,
    pub phone: Option<Phone>,
    pub unionid: Option<String>,
    pub password_hash: Option<Secret>,
    pub avatar: Option<String>,
    pub sex: i16,
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

    /// The user who logs in with this phone number or, if they were imported with one, this username; with the
    /// hash of their password.
    pub async fn credentials(
        &self,
        phone: Option<&Phone>,
        username: &str,
    ) -> Result<Option<(User, Option<Secret>)>, Error> {
        let mut names = Condition::any().add(user::Column::Username.eq(username));
        if let Some(phone) = phone {
            names = names.add(user::Column::Phone.eq(phone.as_str()));
        }
        // A phone number wins over a username that looks like one; and an engine that ignores trailing spaces does
        // not decide what a username is.
        let found = user::Entity::find().filter(names).all(&self.db).await?;
        let by_phone = |row: &&user::Model| phone.is_some_and(|phone| row.phone.as_deref() == Some(phone.as_str()));
        let by_username = |row: &&user::Model| row.username.as_deref() == Some(username);
        let row = found.iter().find(by_phone).or_else(|| found.iter().find(by_username)).cloned();
        Ok(row.map(|row| {
            let hash = row.password_hash.clone().map(Secret::new);
            (row.into(), hash)
        }))
    }

    /// Replaces a password hash by one of the same password, unless the password was changed meanwhile.
    pub async fn upgrade_password(&self, id: i64, old: &Secret, new: &Secret) -> Result<(), Error> {
        user::Entity::update_many()
            .col_expr(user::Column::PasswordHash, Expr::value(new.expose()))
            .filter(user::Column::Id.eq(id))
            .filter(user::Column::PasswordHash.eq(old.expose()))
            .exec(&self.db)
            .await?;
        Ok(())
    }

    /// What a member with that many points is called.
    pub async fn group_name(&self, points: i64) -> Result<Option<String>, Error> {
        group_name(&self.db, points).await
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
    pub async fn user(&self, id: i64) -> Result<Option<User>, Error> {
        Ok(user::Entity::find_by_id(id).one(&self.tx).await?.map(User::from))
    }

    /// The user with the hash of their password, held until the transaction ends.
    pub async fn locked_user(&self, id: i64) -> Result<Option<(User, Option<Secret>)>, Error> {
        let row = user::Entity::find_by_id(id).lock_exclusive().one(&self.tx).await?;
        Ok(row.map(|row| {
            let hash = row.password_hash.clone().map(Secret::new);
            (row.into(), hash)
        }))
    }

    /// What a member with that many points is called.
    pub async fn group_name(&self, points: i64) -> Result<Option<String>, Error> {
        group_name(&self.tx, points).await
    }

    /// Waits until no other transaction records a promoter. The lowest member group stands for all of them.
    pub async fn lock_promotions(&self) -> Result<(), Error> {
        member_group::Entity::find().order_by_asc(member_group::Column::Id).lock_exclusive().one(&self.tx).await?;
        Ok(())
    }

    /// Records who promoted the user, if nobody is recorded yet.
    pub async fn set_promoter(&self, id: i64, promoter_id: i64) -> Result<bool, Error> {
        let update = user::Entity::update_many()
            .col_expr(user::Column::PromoterId, Expr::value(promoter_id))
            .filter(user::Column::Id.eq(id))
            .filter(user::Column::PromoterId.is_null());
        Ok(update.exec(&self.tx).await?.rows_affected == 1)
    }

    /// # Errors
    /// [`Error::Conflict`] when the phone or the unionid belongs to another user.
    pub async fn insert_user(&self, new: NewUser, now: Timestamp) -> Result<User, Error> {
        let row = user::ActiveModel {
            name: Set(new.name),
            phone: Set(new.phone.map(|phone| phone.as_str().to_owned())),
            unionid: Set(new.unionid),
            password_hash: Set(new.password_hash.map(|hash| hash.expose().to_owned())),
            avatar: Set(new.avatar),
            sex: Set(new.sex),
            birthday: Set(0),
            points: Set(0),
            amount_cents: Set(0),
            shop_count: Set(0),
            may_promote: Set(true),
            created_at: Set(now),
            updated_at: Set(now),
            ..Default::default()
        };
        Ok(row.insert(&self.tx).await?.into())
    }

    /// Writes a new password. `false` when there is no such user.
    pub async fn set_password(&self, id: i64, hash: &Secret, now: Timestamp) -> Result<bool, Error> {
        let update = user::Entity::update_many()
            .col_expr(user::Column::PasswordHash, Expr::value(hash.expose()))
            .col_expr(user::Column::UpdatedAt, Expr::value(now))
            .filter(user::Column::Id.eq(id));
        Ok(update.exec(&self.tx).await?.rows_affected == 1)
    }

    /// Fills what is empty in a profile: a name that nobody chose, no avatar, an unknown sex.
    pub async fn fill_profile(
        &self,
        id: i64,
        name: Option<&str>,
        avatar: Option<&str>,
        sex: Option<i16>,
        now: Timestamp,
    ) -> Result<(), Error> {
        let mut update = user::Entity::update_many().col_expr(user::Column::UpdatedAt, Expr::value(now));
        if let Some(name) = name {
            update = update.col_expr(user::Column::Name, Expr::value(name));
        }
        if let Some(avatar) = avatar {
            update = update.col_expr(user::Column::Avatar, Expr::value(avatar));
        }
        if let Some(sex) = sex {
            update = update.col_expr(user::Column::Sex, Expr::value(sex));
        }
        update.filter(user::Column::Id.eq(id)).exec(&self.tx).await?;
        Ok(())
    }

    pub async fn user_by_unionid(&self, unionid: &str) -> Result<Option<User>, Error> {
        Ok(user::Entity::find()
            .filter(user::Column::Unionid.eq(unionid))
            .lock_exclusive()
            .one(&self.tx)
            .await?
            .map(User::from))
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

async fn group_name(db: &impl ConnectionTrait, points: i64) -> Result<Option<String>, Error> {
    let group = member_group::Entity::find()
        .filter(member_group::Column::MinPoints.lte(points))
        .order_by_desc(member_group::Column::MinPoints)
        .one(db)
        .await?;
    Ok(group.map(|group| group.name))
}
