//! `cargo xtask test`: the whole suite on each database engine, then the checks of the contract that other languages' tools do.

mod fuzz;
mod lint;
mod server;
pub(crate) mod service;
mod suite;

use std::process::ExitCode;

use crate::report::{Outcome, Report};
use crate::test::server::{Engine, Server};
use crate::workspace::Workspace;

/// Runs everything; `install` brings what is missing and makes whatever is left out a failure.
pub(crate) fn run(workspace: &Workspace, install: bool) -> ExitCode {
    let mut report = Report::new(install);
    let passed = report.step("tests, the suite on SQLite", || suite::run(workspace).into());
    report.step("snapshots: each is used by a test", || {
        if passed {
            suite::unused_snapshots(workspace).into()
        } else {
            Outcome::NotRun("a test that failed may not have reached its snapshots".to_owned())
        }
    });
    report.step("the suite on PostgreSQL", || on_server(workspace, Engine::Postgres, install));
    report.step("the suite on MariaDB", || on_server(workspace, Engine::MariaDb, install));
    report.step("schemathesis: requests made from the specs", || fuzz::run(workspace, install));
    report.step("redocly: the specs are sound", || lint::run(workspace, install));
    report.finish()
}

/// The suite on a server of its own, which ends with it.
fn on_server(workspace: &Workspace, engine: Engine, install: bool) -> Outcome {
    match Server::start(engine, install) {
        Ok(Some(server)) => suite::run_on(workspace, &server.url()).into(),
        Ok(None) => Outcome::NotRun(engine.how_to_install()),
        Err(why) => Outcome::Failed(why),
    }
}
