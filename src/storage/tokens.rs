use entity::{identity, session, token, user};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, FromQueryResult, IdenStatic, Iterable,
    JoinType, PaginatorTrait, QueryFilter, QueryOrder, QueryResult, QuerySelect, RelationDef, Select, sea_query::Expr,
};

use super::{Error, Storage, Transaction, User};
use crate::types::{SessionId, Timestamp, TokenId, TokenRowId, UserId};

/// A token as stored, with its session and its user.
pub struct TokenRecord {
    pub id: TokenRowId,
    pub session: SessionId,
    pub expires_at: Timestamp,
    pub replaced_at: Option<Timestamp>,
    pub session_started_at: Timestamp,
    pub session_ended_at: Option<Timestamp>,
    /// `None` when the user was deleted.
    pub user: Option<User>,
    /// The subject of the identity that logged in: WeChat's openid.
    pub subject: Option<String>,
}

/// From when to when a token is valid, in Unix seconds.
#[derive(Clone, Copy, Debug)]
pub struct Validity {
    pub issued_at: Timestamp,
    pub expires_at: Timestamp,
}

/// A token as it was issued.
pub struct IssuedToken {
    pub id: TokenId,
    pub validity: Validity,
}

/// The names of the user's columns in the joined row.
const USER: &str = "user_";

impl FromQueryResult for TokenRecord {
    fn from_query_result(row: &QueryResult, _prefix: &str) -> Result<Self, DbErr> {
        Ok(Self {
            id: TokenRowId::new(row.try_get("", "id")?),
            session: SessionId::new(row.try_get("", "session_id")?),
            expires_at: row.try_get("", "expires_at")?,
            replaced_at: row.try_get("", "replaced_at")?,
            session_started_at: row.try_get("", "session_started_at")?,
            session_ended_at: row.try_get("", "session_ended_at")?,
            user: user::Model::from_query_result_optional(row, USER)?.map(User::from),
            subject: row.try_get("", "subject")?,
        })
    }
}

fn session_of_token() -> RelationDef {
    token::Entity::belongs_to(session::Entity).from(token::Column::SessionId).to(session::Column::Id).into()
}

/// One indexed query: the token by its unique id, the rest by primary key.
fn token_with_session_and_user(id: &TokenId) -> Select<token::Entity> {
    let user: RelationDef =
        session::Entity::belongs_to(user::Entity).from(session::Column::UserId).to(user::Column::Id).into();
    let identity: RelationDef =
        session::Entity::belongs_to(identity::Entity).from(session::Column::IdentityId).to(identity::Column::Id).into();
    let select = token::Entity::find()
        .select_only()
        .columns([token::Column::Id, token::Column::SessionId, token::Column::ExpiresAt, token::Column::ReplacedAt])
        .column_as(session::Column::CreatedAt, "session_started_at")
        .column_as(session::Column::EndedAt, "session_ended_at")
        .column(identity::Column::Subject);
    user::Column::iter()
        .fold(select, |select, column| {
            let name = format!("{USER}{}", column.as_str());
            select.column_as(column, name)
        })
        .join(JoinType::InnerJoin, session_of_token())
        .join(JoinType::LeftJoin, user)
        .join(JoinType::LeftJoin, identity)
        .filter(token::Column::TokenId.eq(id.as_str()))
}

impl Storage {
    pub async fn token(&self, id: &TokenId) -> Result<Option<TokenRecord>, Error> {
        Ok(token_with_session_and_user(id).into_model().one(&self.db).await?)
    }

    /// The token of the session that is not replaced.
    pub async fn newest_token(&self, session: SessionId) -> Result<Option<IssuedToken>, Error> {
        let row = token::Entity::find()
            .filter(token::Column::SessionId.eq(session.get()))
            .filter(token::Column::ReplacedAt.is_null())
            // There is one. Ids do not tell the order in which several writers insert.
            .order_by_desc(token::Column::IssuedAt)
            .one(&self.db)
            .await?;
        Ok(row.map(|row| IssuedToken {
            id: TokenId::new(row.token_id),
            validity: Validity { issued_at: row.issued_at, expires_at: row.expires_at },
        }))
    }

    /// How many tokens of the user can be used now.
    pub async fn live_tokens(&self, user: UserId, now: Timestamp) -> Result<u64, Error> {
        let count = token::Entity::find()
            .join(JoinType::InnerJoin, session_of_token())
            .filter(session::Column::UserId.eq(user.get()))
            .filter(session::Column::EndedAt.is_null())
            .filter(token::Column::ReplacedAt.is_null())
            .filter(token::Column::ExpiresAt.gt(now))
            .count(&self.db)
            .await?;
        Ok(count)
    }
}

impl Transaction {
    pub async fn insert_token(&self, session: SessionId, new: &IssuedToken) -> Result<(), Error> {
        let row = token::ActiveModel {
            token_id: Set(new.id.as_str().to_owned()),
            session_id: Set(session.get()),
            issued_at: Set(new.validity.issued_at),
            expires_at: Set(new.validity.expires_at),
            ..Default::default()
        };
        row.insert(&*self.tx).await?;
        Ok(())
    }

    /// Marks the token as replaced. `false` when it was replaced before: then another refresh was first.
    pub async fn replace_token(&self, id: TokenRowId, now: Timestamp) -> Result<bool, Error> {
        self.update_live_token(id, token::Column::ReplacedAt, now).await
    }

    /// Extends a token that is not replaced to `expires_at`. `false` when it was replaced.
    pub async fn extend_token(&self, id: TokenRowId, expires_at: Timestamp) -> Result<bool, Error> {
        self.update_live_token(id, token::Column::ExpiresAt, expires_at).await
    }

    async fn update_live_token(&self, id: TokenRowId, column: token::Column, time: Timestamp) -> Result<bool, Error> {
        let update = token::Entity::update_many()
            .col_expr(column, Expr::value(time))
            .filter(token::Column::Id.eq(id.get()))
            .filter(token::Column::ReplacedAt.is_null());
        Ok(update.exec(&*self.tx).await?.rows_affected == 1)
    }
}
