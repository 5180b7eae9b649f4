use entity::{identity, user};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr,
};

use super::{Error, Storage, Transaction, User};
use crate::types::{IdentityId, Timestamp, UserId};

/// The provider of the app that an identity belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    Wechat,
}

impl Provider {
    fn name(self) -> &'static str {
        match self {
            Self::Wechat => "wechat",
        }
    }
}

/// What makes an identity unique.
#[derive(Clone)]
pub struct IdentityKey {
    pub provider: Provider,
    /// WeChat's appid.
    pub app: String,
    /// WeChat's openid.
    pub subject: String,
}

/// A user as one app of a provider knows them.
pub struct Identity {
    pub id: IdentityId,
    pub key: IdentityKey,
    /// WeChat's unionid.
    pub union: Option<String>,
    /// Encrypted.
    pub session_key: Option<String>,
}

impl From<identity::Model> for Identity {
    fn from(row: identity::Model) -> Self {
        let key = IdentityKey { provider: Provider::Wechat, app: row.app, subject: row.subject };
        Self { id: IdentityId::new(row.id), key, union: row.union, session_key: row.session_key }
    }
}

pub struct NewIdentity<'a> {
    pub key: &'a IdentityKey,
    pub union: Option<&'a str>,
    pub session_key: Option<String>,
}

impl Storage {
    /// The user's identities, oldest first.
    pub async fn identities(&self, user: UserId) -> Result<Vec<Identity>, Error> {
        let rows = identity::Entity::find()
            .filter(identity::Column::UserId.eq(user.get()))
            .order_by_asc(identity::Column::Id)
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().map(Identity::from).collect())
    }
}

impl Transaction {
    /// The identity, with the user it belongs to. The user's row is locked until the transaction ends, so that
    /// the user is not disabled or deleted while a login is being written.
    pub async fn identity(&self, key: &IdentityKey) -> Result<Option<(Identity, User)>, Error> {
        let found = identity::Entity::find()
            .filter(identity::Column::Provider.eq(key.provider.name()))
            .filter(identity::Column::App.eq(key.app.as_str()))
            .filter(identity::Column::Subject.eq(key.subject.as_str()))
            .one(&*self.tx)
            .await?;
        let Some(identity) = found else { return Ok(None) };
        let user = user::Entity::find_by_id(identity.user_id).lock_exclusive().one(&*self.tx).await?;
        Ok(user.map(|user| (identity.into(), user.into())))
    }

    pub async fn insert_identity(
        &self,
        user: UserId,
        new: NewIdentity<'_>,
        now: Timestamp,
    ) -> Result<IdentityId, Error> {
        let row = identity::ActiveModel {
            user_id: Set(user.get()),
            provider: Set(new.key.provider.name().to_owned()),
            app: Set(new.key.app.clone()),
            subject: Set(new.key.subject.clone()),
            union: Set(new.union.map(str::to_owned)),
            session_key: Set(new.session_key),
            created_at: Set(now),
            updated_at: Set(now),
            ..Default::default()
        };
        Ok(IdentityId::new(row.insert(&*self.tx).await?.id))
    }

    pub async fn update_identity(
        &self,
        id: IdentityId,
        union: Option<&str>,
        session_key: Option<String>,
        now: Timestamp,
    ) -> Result<(), Error> {
        let update = identity::Entity::update_many()
            .col_expr(identity::Column::Union, Expr::value(union))
            .col_expr(identity::Column::SessionKey, Expr::value(session_key))
            .col_expr(identity::Column::UpdatedAt, Expr::value(now))
            .filter(identity::Column::Id.eq(id.get()));
        update.exec(&*self.tx).await?;
        Ok(())
    }
}
