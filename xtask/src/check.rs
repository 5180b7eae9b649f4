//! `cargo xtask check`: every check that does not run the service.

mod deny;
mod layers;
mod leftovers;

use std::process::ExitCode;

use crate::docs;
use crate::openapi;
use crate::report::Report;
use crate::sdk;
use crate::workspace::{Workspace, run as run_command};

pub(crate) fn run(workspace: &Workspace, all_must_run: bool) -> ExitCode {
    let mut report = Report::new(all_must_run);
    report.step("layers: src/ imports what the table allows", || layers::check(workspace).into());
    report.step("leftovers: no stray snapshots, no node_modules", || leftovers::check(workspace).into());
    report.step("format", || run_command(&mut workspace.cargo(["fmt", "--all", "--check"])).into());
    report.step("lints", || {
        run_command(&mut workspace.cargo(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])).into()
    });
    report.step("specs: openapi/ agrees with the code", || openapi::check(workspace).into());
    report.step("SDKs: openapi/sdk/ agrees with the specs", || sdk::step(workspace, all_must_run));
    report.step("documents: settings pages, links, what they name", || docs::check(workspace).into());
    report.step("books: mdbook builds the manual", || docs::build(workspace));
    report.step("licences, bans, sources", || deny::rules(workspace));
    report.step("advisories", || deny::advisories(workspace));
    report.finish()
}
