//! `cargo xtask test`: the whole suite, then the checks of the contract that other languages' tools do.

mod fuzz;
mod lint;
mod pages;
mod sdk;
pub(crate) mod service;
mod suite;

use std::process::ExitCode;

use crate::report::{Outcome, Report};
use crate::workspace::Workspace;

/// Runs everything; `install` brings what is missing and makes whatever is left out a failure.
pub(crate) fn run(workspace: &Workspace, install: bool) -> ExitCode {
    let mut report = Report::new(install);
    let passed = report.step("tests", || suite::run(workspace).into());
    report.step("snapshots: each is used by a test", || {
        if passed {
            suite::unused_snapshots(workspace).into()
        } else {
            Outcome::NotRun("a test that failed may not have reached its snapshots".to_owned())
        }
    });
    report.step("schemathesis: requests made from the specs", || fuzz::run(workspace, install));
    report.step("redocly: the specs are sound", || lint::run(workspace, install));
    report.step("SDKs: from Node, a mini program and Chromium", || sdk::run(workspace, install));
    report.step("pages: Swagger UI and the sandbox in Chromium", || pages::run(workspace, install));
    report.finish()
}
