//! What the sandbox remembers, in memory only.

pub mod access_tokens;
pub mod codes;
pub mod faults;
pub mod identities;
pub mod oauth;
pub mod outbox;
pub mod phone_number;
mod ttl_map;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use self::{
    access_tokens::AccessTokens, codes::Codes, faults::Faults, identities::Identities, oauth::OAuthTokens,
    outbox::Outbox,
};
use super::{
    apps::{App, Apps},
    mock_path::MockPath,
};
use crate::types::{Clock, Random, Timestamp};

/// A sandbox. Clones share their state.
#[derive(Clone)]
pub struct Sandbox(Arc<Inner>);

struct Inner {
    apps: Apps,
    clock: Clock,
    random: Random,
    state: Mutex<State>,
}

#[derive(Default)]
pub struct State {
    pub codes: Codes,
    pub identities: Identities,
    pub access_tokens: AccessTokens,
    pub oauth_tokens: OAuthTokens,
    pub outbox: Outbox,
    pub faults: Faults,
    pub calls: HashMap<MockPath, u64>,
}

impl Sandbox {
    /// A sandbox with `apps` registered, without codes and faults. Lifetimes follow `clock`.
    pub fn new(apps: Vec<App>, clock: Clock, random: Random) -> Self {
        Self(Arc::new(Inner { apps: Apps::new(apps), clock, random, state: Mutex::default() }))
    }

    pub(super) fn apps(&self) -> &Apps {
        &self.0.apps
    }

    pub(super) fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    pub(super) fn random(&self) -> &Random {
        &self.0.random
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        // No change to the state can panic half-way, so the state is consistent even after a panic.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
