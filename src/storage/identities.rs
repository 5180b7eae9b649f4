use entity::{user, wechat_identity};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr,
};

use super::{Error, Storage, Write};
use crate::types::Timestamp;

/// A person as one WeChat app knows them. The session key is encrypted.
#[derive(Clone)]
pub struct Identity {
    pub id: i64,
    pub user_id: i64,
    pub appid: String,
    pub openid: String,
    pub unionid: Option<String>,
    pub session_key: Option<String>,
}

impl From<wechat_identity::Model> for Identity {
    fn from(row: wechat_identity::Model) -> Self {
        Self {
            id: row.id,
            user_id: row.user_id,
            appid: row.appid,
            openid: row.openid,
            unionid: row.unionid,
            session_key: row.session_key,
        }
    }
}

pub struct NewIdentity<'a> {
    pub user_id: i64,
    pub appid: &'a str,
    pub openid: &'a str,
    pub unionid: Option<&'a str>,
    pub session_key: Option<String>,
}

impl Storage {
    /// The user's identities, oldest first.
    pub async fn identities(&self, user_id: i64) -> Result<Vec<Identity>, Error> {
        let rows = wechat_identity::Entity::find()
            .filter(wechat_identity::Column::UserId.eq(user_id))
            .order_by_asc(wechat_identity::Column::Id)
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().map(Identity::from).collect())
    }
}

impl Write {
    /// The identity, with the user it belongs to. The user's row is held until the transaction ends, so that
    /// nobody disables or deletes the user while a login is being written.
    pub async fn identity(&self, appid: &str, openid: &str) -> Result<Option<(Identity, super::User)>, Error> {
        let found = wechat_identity::Entity::find()
            .filter(wechat_identity::Column::Appid.eq(appid))
            .filter(wechat_identity::Column::Openid.eq(openid))
            .one(&self.tx)
            .await?;
        let Some(identity) = found else { return Ok(None) };
        let user = user::Entity::find_by_id(identity.user_id).lock_exclusive().one(&self.tx).await?;
        Ok(user.map(|user| (identity.into(), user.into())))
    }

    /// # Errors
    /// [`Error::Conflict`] when another transaction inserted the same identity first.
    pub async fn insert_identity(&self, new: NewIdentity<'_>, now: Timestamp) -> Result<i64, Error> {
        let row = wechat_identity::ActiveModel {
            user_id: Set(new.user_id),
            appid: Set(new.appid.to_owned()),
            openid: Set(new.openid.to_owned()),
            unionid: Set(new.unionid.map(str::to_owned)),
            session_key: Set(new.session_key),
            created_at: Set(now),
            updated_at: Set(now),
            ..Default::default()
        };
        Ok(row.insert(&self.tx).await?.id)
    }

    pub async fn update_identity(
        &self,
        id: i64,
        unionid: Option<&str>,
        session_key: Option<String>,
        now: Timestamp,
    ) -> Result<(), Error> {
        wechat_identity::Entity::update_many()
            .col_expr(wechat_identity::Column::Unionid, Expr::value(unionid))
            .col_expr(wechat_identity::Column::SessionKey, Expr::value(session_key))
            .col_expr(wechat_identity::Column::UpdatedAt, Expr::value(now))
            .filter(wechat_identity::Column::Id.eq(id))
            .exec(&self.tx)
            .await?;
        Ok(())
    }
}
