use entity::user;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, sea_query::Expr};

use super::{Error, Storage, Transaction, User, users::update_user};
use crate::types::{Phone, Secret, Timestamp, UserId};

/// A user with the hash of their password; `None` for one who never set a password.
pub struct Credentials {
    pub user: User,
    pub password_hash: Option<Secret>,
}

impl From<user::Model> for Credentials {
    fn from(mut row: user::Model) -> Self {
        let password_hash = row.password_hash.take().map(Secret::new);
        Self { user: row.into(), password_hash }
    }
}

impl Storage {
    /// The credentials of the user who logs in with this phone number or, if they were imported with one, this username.
    pub async fn credentials(&self, phone: Option<&Phone>, username: &str) -> Result<Option<Credentials>, Error> {
        let mut names = Condition::any().add(user::Column::Username.eq(username));
        if let Some(phone) = phone {
            names = names.add(user::Column::Phone.eq(phone.as_str()));
        }
        let mut found = user::Entity::find().filter(names).all(&self.db).await?;
        // A phone number takes precedence over a username that looks like one; and an engine that ignores trailing
        // spaces does not decide what a username is.
        let by_phone = |row: &user::Model| phone.is_some_and(|phone| row.phone.as_deref() == Some(phone.as_str()));
        let by_username = |row: &user::Model| row.username.as_deref() == Some(username);
        let position = found.iter().position(by_phone).or_else(|| found.iter().position(by_username));
        Ok(position.map(|position| found.swap_remove(position).into()))
    }
}

impl Transaction {
    /// The user's credentials. Their row is locked until the transaction ends.
    pub async fn locked_credentials(&self, id: UserId) -> Result<Option<Credentials>, Error> {
        let row = user::Entity::find_by_id(id.get()).lock_exclusive().one(&*self.tx).await?;
        Ok(row.map(Credentials::from))
    }

    /// Writes a new password. `false` when there is no such user.
    pub async fn set_password(&self, id: UserId, hash: &Secret, now: Timestamp) -> Result<bool, Error> {
        let update = update_user(id, now, [(user::Column::PasswordHash, Expr::value(hash.expose()))]);
        Ok(update.exec(&*self.tx).await?.rows_affected == 1)
    }

    /// Replaces a password hash by another of the same password.
    pub async fn upgrade_password(&self, id: UserId, hash: &Secret) -> Result<(), Error> {
        let update = user::Entity::update_many()
            .col_expr(user::Column::PasswordHash, Expr::value(hash.expose()))
            .filter(user::Column::Id.eq(id.get()));
        update.exec(&*self.tx).await?;
        Ok(())
    }
}
