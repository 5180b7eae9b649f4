//! cargo-deny, configured by `deny.toml`.

use crate::report::Outcome;
use crate::workspace::{Workspace, run, succeeds};

const MISSING: &str = "cargo-deny is not installed (`cargo install cargo-deny --locked`)";

/// Licences, banned crates and sources: decided by `deny.toml` and the lock file alone.
pub(crate) fn rules(workspace: &Workspace) -> Outcome {
    if !installed(workspace) {
        return Outcome::NotRun(MISSING.to_owned());
    }
    run(&mut workspace.cargo(["deny", "--workspace", "check", "--hide-inclusion-graph", "licenses", "bans", "sources"]))
        .into()
}

/// Known vulnerabilities, from the public database of advisories, which is not reachable from everywhere.
pub(crate) fn advisories(workspace: &Workspace) -> Outcome {
    if !installed(workspace) {
        return Outcome::NotRun(MISSING.to_owned());
    }
    if !succeeds(&mut workspace.cargo(["deny", "fetch", "db"])) {
        return Outcome::Unreachable("the database of advisories cannot be reached from here".to_owned());
    }
    run(&mut workspace.cargo(["deny", "--workspace", "check", "--disable-fetch", "advisories"])).into()
}

fn installed(workspace: &Workspace) -> bool {
    succeeds(&mut workspace.cargo(["deny", "--version"]))
}
