//! The SDKs below `openapi/sdk/`: written from the specs by `xtask/node/sdk/`, or compared with them.

use crate::report::Outcome;
use crate::tools::node::Node;
use crate::workspace::{self, Workspace};

/// Writes the generated sources and the bundles anew.
///
/// # Errors
/// Says what is missing (Node, or its packages), or what could not be made.
pub(crate) fn write(workspace: &Workspace) -> Result<(), String> {
    generator(workspace, &Node::find(workspace, false)?, &[])
}

/// Compares what is committed with what would be written, and names each file that differs.
///
/// # Errors
/// Like [`write`], or where a file differs.
pub(crate) fn check(workspace: &Workspace) -> Result<(), String> {
    generator(workspace, &Node::find(workspace, false)?, &["--check"])
}

/// The same, left out where Node is missing, which `install` brings.
pub(crate) fn step(workspace: &Workspace, install: bool) -> Outcome {
    match Node::find(workspace, install) {
        Ok(node) => generator(workspace, &node, &["--check"]).into(),
        Err(why) => Outcome::NotRun(why),
    }
}

fn generator(workspace: &Workspace, node: &Node, arguments: &[&str]) -> Result<(), String> {
    workspace::run(
        node.command()
            .arg(workspace.root.join("xtask/node/sdk/main.mjs"))
            .arg(&workspace.root)
            .arg(workspace.target.join("sdk"))
            .args(arguments),
    )
}
