//! The sandbox: a listener of its own that plays WeChat's HTTP API and an SMS gateway, so that the real
//! clients run everywhere, with WeChat's fields, error codes, one-use codes and lifetimes. Everything is kept in
//! memory.
//!
//! Beside the paths that it plays it has its own: `/codes/...` mints codes, `/faults` makes the played
//! paths misbehave, `/calls` counts what reached them, `GET /sms` shows the messages sent, `/callback` shows what
//! the consent page sent back, and `/` is a page for people.

mod apps;
mod codes;
mod consent;
mod control;
mod errcode;
mod faults;
mod fields;
mod html;
mod identities;
mod lapsing;
mod oauth;
mod page;
mod phone;
mod play;
mod session;
mod sms;
mod token;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use poem::{Endpoint, EndpointExt, Response, Route, get, post};

pub use apps::{App, AppKind};

use crate::types::{Clock, Random};
use apps::Apps;
use codes::Codes;
use faults::Faults;
use identities::Identities;
use oauth::VisitorTokens;
use play::{Played, controls, plays, shows};
use sms::Outbox;
use token::AccessTokens;

/// The playground of one process. A clone is another handle to the same one.
#[derive(Clone)]
pub struct Sandbox(Arc<Parts>);

struct Parts {
    apps: Apps,
    clock: Clock,
    random: Random,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    codes: Codes,
    identities: Identities,
    tokens: AccessTokens,
    visitor_tokens: VisitorTokens,
    outbox: Outbox,
    faults: Faults,
    calls: HashMap<Played, u64>,
}

impl Sandbox {
    /// A sandbox that knows `apps`, with no codes minted and no faults set. Lifetimes follow `clock`.
    pub fn new(apps: Vec<App>, clock: Clock, random: Random) -> Self {
        Self(Arc::new(Parts { apps: Apps::new(apps), clock, random, state: Mutex::default() }))
    }

    /// Everything the sandbox answers. An unknown path, a wrong method and a body over 64 KiB are
    /// answered with `{"error": ...}`.
    pub fn routes(&self) -> impl Endpoint<Output = Response> + use<> {
        let wechat = Played::WECHAT.into_iter();
        wechat
            .fold(Route::new(), |route, path| route.at(path.as_str(), plays(self, path)))
            .at(Played::Sms.as_str(), get(controls(self, sms::list)).post(plays(self, Played::Sms)))
            .at("/codes/login", post(controls(self, control::mint_login_code)))
            .at("/codes/phone", post(controls(self, control::mint_phone_code)))
            .at("/codes/oauth", post(controls(self, control::mint_oauth_code)))
            .at(
                "/faults",
                get(controls(self, control::list_faults))
                    .put(controls(self, control::add_fault))
                    .delete(controls(self, control::clear_faults)),
            )
            .at("/calls", get(controls(self, control::count_calls)))
            .at("/", get(shows(self, page::draw)))
            .at("/callback", get(shows(self, consent::callback)))
            .at("/page.css", get(page::style()))
            .at("/page.js", get(page::script()))
            .catch_all_error(play::refusal)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No change to the state can panic half-way, so what a panic left behind is whole.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
