//! redocly lint, configured by `openapi/redocly.yaml`.

use crate::openapi;
use crate::report::Outcome;
use crate::tools::node::Node;
use crate::workspace::{self, Workspace};

/// Lints every committed document; a warning fails like an error.
pub(crate) fn run(workspace: &Workspace, install: bool) -> Outcome {
    let documents = match openapi::files(workspace) {
        Ok(documents) if documents.is_empty() => return Outcome::Failed("openapi/ has no document".to_owned()),
        Ok(documents) => documents,
        Err(why) => return Outcome::Failed(why),
    };
    let node = match Node::find(workspace, install) {
        Ok(node) => node,
        Err(why) => return Outcome::NotRun(why),
    };
    workspace::run(
        node.script("@redocly/cli/bin/cli.js")
            .args(["lint", "--config", "openapi/redocly.yaml"])
            .args(documents.iter().map(|document| workspace.relative(document)))
            .current_dir(&workspace.root)
            .env("REDOCLY_TELEMETRY", "off")
            .env("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true"),
    )
    .into()
}
