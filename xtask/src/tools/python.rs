//! Python, and the pinned packages of `tests/schemathesis/requirements.txt` in an environment of their own.

use std::path::PathBuf;
use std::process::Command;

use super::{apt, once, read};
use crate::workspace::{Workspace, run, succeeds};

/// The folder of the environment's programs.
///
/// # Errors
/// Says what is missing: Python 3.11 with venv (which `install` lets apt-get bring), or the packages.
pub(crate) fn programs(workspace: &Workspace, install: bool) -> Result<PathBuf, String> {
    if !is_there() && install {
        apt::install(&["python3", "python3-venv"])?;
    }
    if !is_there() {
        return Err("Python 3.11 or newer with its venv module is not installed".to_owned());
    }
    let requirements = workspace.root.join("tests/schemathesis/requirements.txt");
    let home = workspace.target.join("python");
    let programs = home.join("bin");
    once(&home, &read(&requirements)?, || {
        run(Command::new("python3").args(["-m", "venv"]).arg(&home))?;
        run(Command::new(programs.join("python"))
            .args(["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", "--requirement"])
            .arg(&requirements))
        .map_err(|why| format!("Python's packages could not be installed: {why}"))
    })?;
    Ok(programs)
}

/// Debian keeps `ensurepip`, without which an environment has no pip, in a package of its own.
fn is_there() -> bool {
    succeeds(Command::new("python3").args(["-c", "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))"]))
}
