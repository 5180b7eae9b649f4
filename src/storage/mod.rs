//! The edge to the database: queries, the transaction runner, and which database error means what. Rules are the
//! account core's.

mod cleanup;
mod connection;
mod constraint;
mod credentials;
mod database;
mod error;
mod identities;
mod known_networks;
mod limits;
mod member_groups;
mod oauth_states;
mod profiles;
mod referrals;
mod schema;
mod sessions;
mod settings;
mod sms_codes;
mod tokens;
mod transaction;
mod users;

pub use self::{
    cleanup::Expired,
    constraint::Constraint,
    credentials::Credentials,
    database::{Storage, embedded_url},
    error::Error,
    identities::{Identity, IdentityKey, NewIdentity, Provider},
    limits::{LimitCount, LimitWindow, RateLimit},
    oauth_states::NewState,
    profiles::ProfileChange,
    schema::MigrationState,
    sessions::NewSession,
    settings::Settings,
    sms_codes::LiveCode,
    tokens::{IssuedToken, TokenRecord, Validity},
    transaction::{Aborted, Transaction},
    users::{NewUser, User},
};
