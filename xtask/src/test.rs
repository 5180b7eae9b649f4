//! `cargo xtask test`: the suite on each database engine, then the checks of the contract that tools of other
//! languages do.

mod fuzz;
mod lint;
mod pages;
mod sdk;
mod server;
pub(crate) mod service;
mod suite;

use std::process::ExitCode;

use clap::ValueEnum;

use crate::report::{Outcome, Report};
use crate::test::server::{Engine, Server};
use crate::workspace::Workspace;

/// A part of the tests that can be run alone.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Group {
    /// Every test of the workspace, with the suite on SQLite, and a search for unused snapshots
    Suite,
    /// The suite on a PostgreSQL server of its own
    Postgres,
    /// The suite on a MariaDB server of its own
    Mariadb,
    /// Requests made from the specs, sent to the built service (Python)
    Schemathesis,
    /// A linter for the specs (Node)
    Redocly,
    /// The SDKs against the built service, from Node, a mini program and a page (Node, Chromium)
    Sdk,
    /// Swagger UI and the sandbox's page in a browser (Node, Chromium)
    Pages,
}

/// Runs every group, or `only` one; `install` brings what is missing and makes whatever is left out a failure.
pub(crate) fn run(workspace: &Workspace, install: bool, only: Option<Group>) -> ExitCode {
    let mut report = Report::new(install);
    let is_chosen = |group| only.is_none_or(|only| only == group);
    if is_chosen(Group::Suite) {
        run_suite(workspace, &mut report);
    } else if matches!(only, Some(Group::Schemathesis | Group::Sdk | Group::Pages)) {
        // They start the service, which the suite has built otherwise.
        report.step("build", || suite::build(workspace).into());
    }
    let mut step = |group, name, run: &dyn Fn() -> Outcome| {
        if is_chosen(group) {
            report.step(name, run);
        }
    };
    step(Group::Postgres, "the suite on PostgreSQL", &|| on_server(workspace, Engine::Postgres, install));
    step(Group::Mariadb, "the suite on MariaDB", &|| on_server(workspace, Engine::MariaDb, install));
    step(Group::Schemathesis, "schemathesis: requests made from the specs", &|| fuzz::run(workspace, install));
    step(Group::Redocly, "redocly: the specs are sound", &|| lint::run(workspace, install));
    step(Group::Sdk, "SDKs: from Node, a mini program and Chromium", &|| sdk::run(workspace, install));
    step(Group::Pages, "pages: Swagger UI and the sandbox in Chromium", &|| pages::run(workspace, install));
    report.finish()
}

fn run_suite(workspace: &Workspace, report: &mut Report) {
    let passed = report.step("tests, the suite on SQLite", || suite::run(workspace).into());
    report.step("snapshots: each is used by a test", || {
        if passed {
            suite::unused_snapshots(workspace).into()
        } else {
            Outcome::NotRun("a test that failed may not have reached its snapshots".to_owned())
        }
    });
}

/// Runs the suite on a server that is started for it and stopped afterwards.
fn on_server(workspace: &Workspace, engine: Engine, install: bool) -> Outcome {
    match Server::start(engine, install) {
        Ok(Some(server)) => suite::run_on(workspace, &server.url()).into(),
        Ok(None) => Outcome::NotRun(engine.how_to_install()),
        Err(why) => Outcome::Failed(why),
    }
}
