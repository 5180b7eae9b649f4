use entity::{session, token, user, wechat_identity};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, FromQueryResult, IdenStatic, Iterable,
    JoinType, PaginatorTrait, QueryFilter, QueryOrder, QueryResult, QuerySelect, RelationDef, Select, sea_query::Expr,
};

use super::{Error, Storage, User, Write, retry};
use crate::types::{Timestamp, TokenId};

/// A token as the database knows it, with its session and its user.
pub struct TokenRecord {
    pub id: i64,
    pub session_id: i64,
    pub issued_at: Timestamp,
    pub expires_at: Timestamp,
    pub replaced_at: Option<Timestamp>,
    pub session_started_at: Timestamp,
    pub session_ended_at: Option<Timestamp>,
    pub user_id: i64,
    /// `None` when the user was deleted.
    pub user: Option<User>,
    /// The identity that logged in.
    pub openid: Option<String>,
}

pub struct NewSession {
    pub user_id: i64,
    pub identity_id: Option<i64>,
    pub started_at: Timestamp,
    pub expires_at: Timestamp,
}

pub struct NewToken<'a> {
    pub id: &'a TokenId,
    pub issued_at: Timestamp,
    pub expires_at: Timestamp,
}

/// What the columns of the user are called in the joined row.
const USER: &str = "user_";

impl FromQueryResult for TokenRecord {
    fn from_query_result(row: &QueryResult, _prefix: &str) -> Result<Self, DbErr> {
        Ok(Self {
            id: row.try_get("", "id")?,
            session_id: row.try_get("", "session_id")?,
            issued_at: row.try_get("", "issued_at")?,
            expires_at: row.try_get("", "expires_at")?,
            replaced_at: row.try_get("", "replaced_at")?,
            session_started_at: row.try_get("", "session_started_at")?,
            session_ended_at: row.try_get("", "session_ended_at")?,
            user_id: row.try_get("", "owner_id")?,
            user: user::Model::from_query_result_optional(row, USER)?.map(User::from),
            openid: row.try_get("", "openid")?,
        })
    }
}

/// One indexed query: the token by its unique id, the rest by primary key.
fn token_with_session_and_user(id: &TokenId) -> Select<token::Entity> {
    let session: RelationDef =
        token::Entity::belongs_to(session::Entity).from(token::Column::SessionId).to(session::Column::Id).into();
    let user: RelationDef =
        session::Entity::belongs_to(user::Entity).from(session::Column::UserId).to(user::Column::Id).into();
    let identity: RelationDef = session::Entity::belongs_to(wechat_identity::Entity)
        .from(session::Column::IdentityId)
        .to(wechat_identity::Column::Id)
        .into();
    let select = token::Entity::find()
        .select_only()
        .columns([
            token::Column::Id,
            token::Column::SessionId,
            token::Column::IssuedAt,
            token::Column::ExpiresAt,
            token::Column::ReplacedAt,
        ])
        .column_as(session::Column::CreatedAt, "session_started_at")
        .column_as(session::Column::EndedAt, "session_ended_at")
        .column_as(session::Column::UserId, "owner_id")
        .column(wechat_identity::Column::Openid);
    user::Column::iter()
        .fold(select, |select, column| {
            let name = format!("{USER}{}", column.as_str());
            select.column_as(column, name)
        })
        .join(JoinType::InnerJoin, session)
        .join(JoinType::LeftJoin, user)
        .join(JoinType::LeftJoin, identity)
        .filter(token::Column::TokenId.eq(id.as_str()))
}

impl Storage {
    pub async fn token(&self, id: &TokenId) -> Result<Option<TokenRecord>, Error> {
        Ok(token_with_session_and_user(id).into_model().one(&self.db).await?)
    }

    /// The token of the session that is not replaced, with the times it was issued and ends.
    pub async fn newest_token(&self, session_id: i64) -> Result<Option<(TokenId, Timestamp, Timestamp)>, Error> {
        let row = token::Entity::find()
            .filter(token::Column::SessionId.eq(session_id))
            .filter(token::Column::ReplacedAt.is_null())
            .order_by_desc(token::Column::Id)
            .one(&self.db)
            .await?;
        Ok(row.map(|row| (TokenId::new(row.token_id), row.issued_at, row.expires_at)))
    }

    /// Lets a live token, and its session, last longer. `false` when either has ended.
    pub async fn extend_token(&self, id: i64, session_id: i64, expires_at: Timestamp) -> Result<bool, Error> {
        retry(|| self.try_extend_token(id, session_id, expires_at)).await
    }

    async fn try_extend_token(&self, id: i64, session_id: i64, expires_at: Timestamp) -> Result<bool, Error> {
        let write = self.write().await?;
        if !write.extend_session(session_id, expires_at).await? {
            return Ok(false);
        }
        let update = token::Entity::update_many()
            .col_expr(token::Column::ExpiresAt, Expr::value(expires_at))
            .filter(token::Column::Id.eq(id))
            .filter(token::Column::ReplacedAt.is_null());
        let extended = update.exec(&write.tx).await?.rows_affected == 1;
        write.commit().await?;
        Ok(extended)
    }

    /// Ends a session and so all its tokens. `false` when it had ended before.
    pub async fn end_session(&self, session_id: i64, now: Timestamp) -> Result<bool, Error> {
        let update = session::Entity::update_many()
            .col_expr(session::Column::EndedAt, Expr::value(now))
            .filter(session::Column::Id.eq(session_id))
            .filter(session::Column::EndedAt.is_null());
        Ok(update.exec(&self.db).await?.rows_affected == 1)
    }

    /// How many tokens of the user can be used now.
    pub async fn live_tokens(&self, user_id: i64, now: Timestamp) -> Result<u64, Error> {
        let session: RelationDef =
            token::Entity::belongs_to(session::Entity).from(token::Column::SessionId).to(session::Column::Id).into();
        let count = token::Entity::find()
            .join(JoinType::InnerJoin, session)
            .filter(session::Column::UserId.eq(user_id))
            .filter(session::Column::EndedAt.is_null())
            .filter(token::Column::ReplacedAt.is_null())
            .filter(token::Column::ExpiresAt.gt(now))
            .count(&self.db)
            .await?;
        Ok(count)
    }
}

impl Write {
    pub async fn insert_session(&self, new: NewSession) -> Result<i64, Error> {
        let row = session::ActiveModel {
            user_id: Set(new.user_id),
            identity_id: Set(new.identity_id),
            created_at: Set(new.started_at),
            expires_at: Set(new.expires_at),
            ..Default::default()
        };
        Ok(row.insert(&self.tx).await?.id)
    }

    pub async fn insert_token(&self, session_id: i64, new: NewToken<'_>) -> Result<(), Error> {
        let row = token::ActiveModel {
            token_id: Set(new.id.as_str().to_owned()),
            session_id: Set(session_id),
            issued_at: Set(new.issued_at),
            expires_at: Set(new.expires_at),
            ..Default::default()
        };
        row.insert(&self.tx).await?;
        Ok(())
    }

    /// Marks the token as replaced. `false` when it was replaced before: then another refresh was first.
    pub async fn replace_token(&self, id: i64, now: Timestamp) -> Result<bool, Error> {
        let update = token::Entity::update_many()
            .col_expr(token::Column::ReplacedAt, Expr::value(now))
            .filter(token::Column::Id.eq(id))
            .filter(token::Column::ReplacedAt.is_null());
        Ok(update.exec(&self.tx).await?.rows_affected == 1)
    }

    /// Lets a session that has not ended last until `expires_at`. `false` when it has ended.
    pub async fn extend_session(&self, session_id: i64, expires_at: Timestamp) -> Result<bool, Error> {
        let update = session::Entity::update_many()
            .col_expr(session::Column::ExpiresAt, Expr::value(expires_at))
            .filter(session::Column::Id.eq(session_id))
            .filter(session::Column::EndedAt.is_null());
        Ok(update.exec(&self.tx).await?.rows_affected == 1)
    }

    /// Ends every session of the user, in whichever dialect. Returns how many had not ended before.
    pub async fn end_sessions(&self, user_id: i64, now: Timestamp) -> Result<u64, Error> {
        let update = session::Entity::update_many()
            .col_expr(session::Column::EndedAt, Expr::value(now))
            .filter(session::Column::UserId.eq(user_id))
            .filter(session::Column::EndedAt.is_null());
        Ok(update.exec(&self.tx).await?.rows_affected)
    }
}
