//! The SDKs against the built service: from Node, from a bare context, and from a page in Chromium.

use std::fs;
use std::path::{Path, PathBuf};

use crate::report::Outcome;
use crate::test::service::Service;
use crate::tools::chromium;
use crate::tools::node::Node;
use crate::workspace::{self, Workspace};

/// Settings of a service whose tokens expire during the tests, and whose failures have HTTP status 200.
const SHORT: &[(&str, &str)] = &[("PASSPORT_APPLET__TOKEN_TTL", "2s"), ("PASSPORT_APPLET__HTTP_STATUS", "always_ok")];

/// Runs `tests/sdk/` with Node's own test runner.
pub(crate) fn run(workspace: &Workspace, install: bool) -> Outcome {
    let found = Node::find(workspace, install).and_then(|node| Ok((node, chromium::program(install)?)));
    match found {
        Ok((node, chromium)) => against_services(workspace, &node, &chromium).into(),
        Err(why) => Outcome::NotRun(why),
    }
}

fn against_services(workspace: &Workspace, node: &Node, chromium: &Path) -> Result<(), String> {
    let program = workspace.target.join("debug/passport");
    let service = Service::start(&program)?;
    let short = Service::start_with(&program, SHORT)?;
    let tests = tests(workspace)?;
    let mut command = node.command();
    command
        .args(["--test", "--test-concurrency=1"])
        .args(tests)
        .current_dir(&workspace.root)
        .env("SCRATCH", workspace.target.join("sdk-tests"))
        .env("CHROMIUM", chromium)
        .env("SERVICE", service.url())
        .env("SANDBOX", service.sandbox_url())
        .env("SHORT_SERVICE", short.url())
        .env("SHORT_SANDBOX", short.sandbox_url());
    workspace::run(&mut command).map_err(|why| format!("{why}\n{}\n{}", service.log(), short.log()))
}

fn tests(workspace: &Workspace) -> Result<Vec<PathBuf>, String> {
    let folder = workspace.root.join("tests/sdk");
    let entries = fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut tests: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    tests.retain(|path| path.to_string_lossy().ends_with(".test.mjs"));
    tests.sort();
    if tests.is_empty() { Err("there is no test of the SDKs".to_owned()) } else { Ok(tests) }
}
