//! The documented examples, each sent to a running service.

use crate::workspace::{self, Workspace};

/// Runs the tests that send every documented request and compare the response with the document.
///
/// # Errors
/// When a response differs from its document, or when there is no such test.
pub(crate) fn run(workspace: &Workspace) -> Result<(), String> {
    const EXAMPLES: [&str; 6] = ["test", "--package", "passport", "--test", "suite", "examples::"];
    let listed = workspace
        .cargo(EXAMPLES)
        .args(["--", "--list"])
        .output()
        .map_err(|error| format!("cargo could not be started: {error}"))?;
    if !listed.status.success() {
        return Err(String::from_utf8_lossy(&listed.stderr).into_owned());
    }
    // For cargo, a run without tests is a success.
    if !String::from_utf8_lossy(&listed.stdout).lines().any(|line| line.ends_with(": test")) {
        return Err("no test sends the documented examples".to_owned());
    }
    workspace::run(&mut workspace.cargo(EXAMPLES))
}
