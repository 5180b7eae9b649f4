use entity::oauth_state;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, ExprTrait, QueryFilter};

use super::{Error, Storage};
use crate::types::Timestamp;

/// What is kept of a state that went to WeChat's consent page. Hashes only.
#[derive(Clone, Copy)]
pub struct NewState<'a> {
    pub state_hash: &'a str,
    /// Of the cookie that must come back with it.
    pub browser_hash: Option<&'a str>,
    pub redirect_uri: &'a str,
    pub expires_at: Timestamp,
}

impl Storage {
    pub async fn insert_oauth_state(&self, new: NewState<'_>) -> Result<(), Error> {
        self.statement(|db| async move {
            let row = oauth_state::ActiveModel {
                state_hash: Set(new.state_hash.to_owned()),
                browser_hash: Set(new.browser_hash.map(str::to_owned)),
                redirect_uri: Set(new.redirect_uri.to_owned()),
                expires_at: Set(new.expires_at),
                ..Default::default()
            };
            oauth_state::Entity::insert(row).exec_without_returning(&db).await.map(drop)
        })
        .await
    }

    /// Spends a state, if it is live and bound to this browser or to none. `false` otherwise; then it stays.
    pub async fn spend_oauth_state(
        &self,
        state_hash: &str,
        browser_hash: Option<&str>,
        now: Timestamp,
    ) -> Result<bool, Error> {
        let bound = match browser_hash {
            Some(hash) => oauth_state::Column::BrowserHash.is_null().or(oauth_state::Column::BrowserHash.eq(hash)),
            None => oauth_state::Column::BrowserHash.is_null(),
        };
        let delete = oauth_state::Entity::delete_many()
            .filter(oauth_state::Column::StateHash.eq(state_hash))
            .filter(oauth_state::Column::ExpiresAt.gt(now))
            .filter(bound);
        let delete = &delete;
        self.statement(|db| async move { Ok(delete.clone().exec(&db).await?.rows_affected == 1) }).await
    }
}
