//! Swagger UI and the sandbox's page, used in Chromium.

use std::fs;
use std::path::Path;

use crate::report::Outcome;
use crate::test::service::Service;
use crate::tools::chromium;
use crate::tools::node::Node;
use crate::workspace::{self, Workspace};

/// Runs `tests/pages/` with Node's own test runner; the screenshots are left in `target/pages/`.
pub(crate) fn run(workspace: &Workspace, install: bool) -> Outcome {
    let found = Node::find(workspace, install).and_then(|node| Ok((node, chromium::program(install)?)));
    match found {
        Ok((node, chromium)) => against_a_service(workspace, &node, &chromium).into(),
        Err(why) => Outcome::NotRun(why),
    }
}

fn against_a_service(workspace: &Workspace, node: &Node, chromium: &Path) -> Result<(), String> {
    let service = Service::start(&workspace.target.join("debug/passport"))?;
    let screenshots = workspace.target.join("pages");
    fs::create_dir_all(&screenshots).map_err(|error| format!("{}: {error}", screenshots.display()))?;
    let tests = workspace.root.join("tests/pages");
    let mut command = node.command();
    command
        .args(["--test", "--test-concurrency=1"])
        .args(["docs.test.mjs", "sandbox.test.mjs"].map(|test| tests.join(test)))
        .env("SCREENSHOTS", screenshots)
        .env("CHROMIUM", chromium)
        .env("SERVICE", service.url())
        .env("SANDBOX", service.sandbox_url());
    workspace::run(&mut command).map_err(|why| format!("{why}\n{}", service.log()))
}
