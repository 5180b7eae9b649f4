//! Direct access to the database of the service.

use std::time::Duration;

use entity::{identity, known_network, limit, oauth_state, session, sms_code, token, user};
use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, EntityTrait, QueryOrder, TransactionTrait};

use super::Service;

/// Every row that the service has stored, in the order of their ids.
#[derive(Debug, PartialEq)]
pub struct Stored {
    pub users: Vec<user::Model>,
    pub identities: Vec<identity::Model>,
    pub sessions: Vec<session::Model>,
    pub tokens: Vec<token::Model>,
    pub limits: Vec<limit::Model>,
    pub sms_codes: Vec<sms_code::Model>,
    pub states: Vec<oauth_state::Model>,
    pub networks: Vec<known_network::Model>,
}

impl Stored {
    /// The tokens that no other has replaced, in sessions that have not ended.
    pub fn live_tokens(&self) -> Vec<&token::Model> {
        let lives = |id| self.sessions.iter().any(|session| session.id == id && session.ended_at.is_none());
        self.tokens.iter().filter(|token| token.replaced_at.is_none() && lives(token.session_id)).collect()
    }
}

/// Blocks every writer until it is released.
pub struct HeldWriters(DatabaseTransaction);

impl HeldWriters {
    pub async fn release(self) {
        self.0.rollback().await.expect("released");
    }
}

impl Service {
    pub async fn hold_writers(&self) -> HeldWriters {
        let transaction = self.database().await.begin().await.expect("a transaction");
        // The first write takes the one write lock of the embedded database.
        let write = "UPDATE seaql_migrations SET version = version";
        transaction.execute_unprepared(write).await.expect("the write lock");
        HeldWriters(transaction)
    }

    /// A connection beside the service's own.
    pub async fn database(&self) -> DatabaseConnection {
        self.home.database().await
    }

    pub async fn stored(&self) -> Stored {
        let db = &self.database().await;
        Stored {
            users: user::Entity::find().order_by_asc(user::Column::Id).all(db).await.expect("rows"),
            identities: identity::Entity::find().order_by_asc(identity::Column::Id).all(db).await.expect("rows"),
            sessions: session::Entity::find().order_by_asc(session::Column::Id).all(db).await.expect("rows"),
            tokens: token::Entity::find().order_by_asc(token::Column::Id).all(db).await.expect("rows"),
            limits: limit::Entity::find().order_by_asc(limit::Column::Id).all(db).await.expect("rows"),
            sms_codes: sms_code::Entity::find().order_by_asc(sms_code::Column::Id).all(db).await.expect("rows"),
            states: oauth_state::Entity::find().order_by_asc(oauth_state::Column::Id).all(db).await.expect("rows"),
            networks: known_network::Entity::find()
                .order_by_asc(known_network::Column::Id)
                .all(db)
                .await
                .expect("rows"),
        }
    }

    /// Waits until what is stored is as it should be. The cleanup works by the machine's clock.
    pub async fn until_stored(&self, is_so: impl Fn(&Stored) -> bool) {
        let wait = async {
            while !is_so(&self.stored().await) {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), wait).await.expect("stored as expected");
    }

    /// Writes to the database what no operation writes, as the mall's other modules and imports do.
    pub async fn write(&self, statement: &str) {
        self.database().await.execute_unprepared(statement).await.expect("written");
    }
}
