//! schemathesis: requests made from the specs, valid and invalid, sent to the built service.

use std::process::Command;

use crate::report::Outcome;
use crate::test::service::Service;
use crate::tools::python;
use crate::workspace::{self, Workspace};

/// The document of all dialects; each dialect has its own, which is what clients are made from.
const ALL_DIALECTS: &str = "openapi";

/// Runs schemathesis for each dialect against a service of its own.
pub(crate) fn run(workspace: &Workspace, install: bool) -> Outcome {
    let dialects: Vec<&str> =
        passport::specs().iter().map(|spec| spec.name).filter(|name| *name != ALL_DIALECTS).collect();
    if dialects.is_empty() {
        return Outcome::Failed("the service has no dialect".to_owned());
    }
    let programs = match python::programs(workspace, install) {
        Ok(programs) => programs,
        Err(why) => return Outcome::NotRun(why),
    };
    let of_dialect = |dialect: &str| {
        let service = Service::start(&workspace.target.join("debug/passport"))?;
        let tools = workspace.root.join("tests/schemathesis");
        let mut schemathesis = Command::new(programs.join("schemathesis"));
        schemathesis
            .arg("--config-file")
            .arg(tools.join("schemathesis.toml"))
            .args(["run", "--url", &service.url()])
            .arg(format!("{}/openapi/{dialect}.json", service.url()))
            .current_dir(&workspace.target)
            .env("SCHEMATHESIS_HOOKS", "hooks")
            .env("PYTHONPATH", tools)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("PASSPORT_URL", service.url())
            .env("PASSPORT_SANDBOX_URL", service.sandbox_url());
        workspace::run(&mut schemathesis).map_err(|why| format!("{dialect}: {why}\n{}", service.log()))
    };
    dialects.into_iter().try_for_each(of_dialect).into()
}
