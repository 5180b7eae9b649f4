//! Runs the tests of the workspace, and finds snapshots that no test uses.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use crate::workspace::{self, Workspace};

/// The variable that names the database server of the suite.
const SERVER: &str = "SUITE_DATABASE_URL";

/// Builds the service and the suite, with the features that they have in a run of the tests.
///
/// # Errors
/// When they do not build.
pub(crate) fn build(workspace: &Workspace) -> Result<(), String> {
    workspace::run(&mut workspace.cargo(["test", "--workspace", "--no-run"]))
}

/// Runs every test of the workspace; no test may change a snapshot.
///
/// # Errors
/// When a test fails.
pub(crate) fn run(workspace: &Workspace) -> Result<(), String> {
    let used = used_snapshots(workspace);
    if used.exists() {
        fs::remove_file(&used).map_err(|error| format!("{}: {error}", used.display()))?;
    }
    workspace::run(
        workspace
            .cargo(["test", "--workspace", "--no-fail-fast"])
            .env_remove(SERVER)
            .env("INSTA_UPDATE", "no")
            .env("INSTA_SNAPSHOT_REFERENCES_FILE", &used),
    )
}

/// Runs the integration tests on the database server at `url`.
///
/// # Errors
/// When a test fails.
pub(crate) fn run_on(workspace: &Workspace, url: &str) -> Result<(), String> {
    // Of the whole workspace, or its dependencies would be built anew with other features.
    workspace::run(
        workspace
            .cargo(["test", "--workspace", "--test", "suite", "--no-fail-fast"])
            .env(SERVER, url)
            .env("INSTA_UPDATE", "no"),
    )
}

/// Looks for snapshots that no test of the last run has used.
///
/// # Errors
/// Names them.
pub(crate) fn unused_snapshots(workspace: &Workspace) -> Result<(), String> {
    let list = used_snapshots(workspace);
    // Tests without snapshots write no list.
    let used = if list.exists() {
        fs::read_to_string(&list).map_err(|error| format!("{}: {error}", list.display()))?
    } else {
        String::new()
    };
    let used: BTreeSet<PathBuf> =
        used.lines().filter_map(|path| workspace.root.join(path).canonicalize().ok()).collect();
    let snapshots: Vec<PathBuf> = workspace
        .walk()?
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "snap"))
        .collect();
    let unused: Vec<String> = snapshots
        .iter()
        .filter(|path| path.canonicalize().is_ok_and(|path| !used.contains(&path)))
        .map(|path| format!("{}: no test uses this snapshot", workspace.relative(path).display()))
        .collect();
    println!("{} snapshots, {} unused", snapshots.len(), unused.len());
    if unused.is_empty() { Ok(()) } else { Err(unused.join("\n")) }
}

/// insta adds a line to this file for each snapshot that a test looks at.
fn used_snapshots(workspace: &Workspace) -> PathBuf {
    workspace.target.join("used-snapshots")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_snapshot_that_no_test_looked_at_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().to_path_buf();
        let workspace = Workspace { target: root.join("target"), root: root.clone() };
        fs::create_dir_all(root.join("tests/snapshots")).unwrap();
        fs::create_dir_all(&workspace.target).unwrap();
        for name in ["used", "unused"] {
            fs::write(root.join(format!("tests/snapshots/{name}.snap")), "").unwrap();
        }
        let used = root.join("tests/../tests/snapshots/used.snap");
        fs::write(used_snapshots(&workspace), format!("{}\n", used.display())).unwrap();

        let faults = unused_snapshots(&workspace).unwrap_err();

        assert_eq!(faults, "tests/snapshots/unused.snap: no test uses this snapshot");
    }
}
