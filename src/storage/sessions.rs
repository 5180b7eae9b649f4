use entity::session;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};

use super::{Error, Storage, Transaction};
use crate::types::{IdentityId, SessionId, Timestamp, UserId};

pub struct NewSession {
    pub user: UserId,
    /// The identity that logged in; `None` for a login by password.
    pub identity: Option<IdentityId>,
    pub started_at: Timestamp,
    pub expires_at: Timestamp,
}

impl Storage {
    /// Ends a session and so all its tokens. `false` when it had ended before.
    pub async fn end_session(&self, id: SessionId, now: Timestamp) -> Result<bool, Error> {
        self.statement(|db| async move {
            let update = session::Entity::update_many()
                .col_expr(session::Column::EndedAt, Expr::value(now))
                .filter(session::Column::Id.eq(id.get()))
                .filter(session::Column::EndedAt.is_null());
            Ok(update.exec(&db).await?.rows_affected == 1)
        })
        .await
    }
}

impl Transaction {
    pub async fn insert_session(&self, new: NewSession) -> Result<SessionId, Error> {
        let row = session::ActiveModel {
            user_id: Set(new.user.get()),
            identity_id: Set(new.identity.map(IdentityId::get)),
            created_at: Set(new.started_at),
            expires_at: Set(new.expires_at),
            ..Default::default()
        };
        Ok(SessionId::new(row.insert(&*self.tx).await?.id))
    }

    /// Extends a session that has not ended to `expires_at`. `false` when it has ended.
    pub async fn extend_session(&self, id: SessionId, expires_at: Timestamp) -> Result<bool, Error> {
        let update = session::Entity::update_many()
            .col_expr(session::Column::ExpiresAt, Expr::value(expires_at))
            .filter(session::Column::Id.eq(id.get()))
            .filter(session::Column::EndedAt.is_null());
        Ok(update.exec(&*self.tx).await?.rows_affected == 1)
    }

    /// Ends every session of the user, on every surface. Returns how many had not ended before.
    pub async fn end_sessions(&self, user: UserId, now: Timestamp) -> Result<u64, Error> {
        let update = session::Entity::update_many()
            .col_expr(session::Column::EndedAt, Expr::value(now))
            .filter(session::Column::UserId.eq(user.get()))
            .filter(session::Column::EndedAt.is_null());
        Ok(update.exec(&*self.tx).await?.rows_affected)
    }
}
