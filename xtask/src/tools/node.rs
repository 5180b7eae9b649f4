//! Node, and the pinned packages of `xtask/node/`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{apt, once, read};
use crate::workspace::{Workspace, run, succeeds};

/// A Node that the pinned tools support, with those tools.
pub(crate) struct Node {
    program: PathBuf,
    packages: PathBuf,
}

impl Node {
    /// # Errors
    /// Says what is missing: Node or npm (which `install` brings: from apt-get, and where Debian's Node is too old, from
    /// npm's own packages of Node), or the tools.
    pub(crate) fn find(workspace: &Workspace, install: bool) -> Result<Self, String> {
        // Some packages of Node bring npm with them and refuse Debian's package of it.
        for package in ["nodejs", "npm"] {
            if !has_npm() && install {
                apt::install(&[package])?;
            }
        }
        if !has_npm() {
            return Err("npm is not installed".to_owned());
        }
        let program = match program(workspace) {
            Some(program) => program,
            None if install => install_node(workspace)?,
            None => return Err("Node 20.19 (of 20), 22.12 or newer is not installed".to_owned()),
        };
        let packages = packages(workspace, "xtask/node", "node")?;
        Ok(Self { program, packages })
    }

    /// The script `path` of an installed package, ready for arguments.
    pub(crate) fn script(&self, path: &str) -> Command {
        let mut node = self.command();
        node.arg(self.packages.join(path));
        node
    }

    /// Node itself, ready for arguments; `NODE_PACKAGES` tells our own scripts where the installed packages are.
    pub(crate) fn command(&self) -> Command {
        let mut node = Command::new(&self.program);
        node.env("NODE_PACKAGES", &self.packages);
        node
    }
}

/// The machine's Node, or the one that was installed for the tools, if its version is supported.
fn program(workspace: &Workspace) -> Option<PathBuf> {
    [PathBuf::from("node"), installed_node(&workspace.target.join("node-runtime/node_modules"))].into_iter().find(
        |program| {
            let version = Command::new(program).arg("--version").stdin(Stdio::null()).output();
            version.is_ok_and(|version| is_supported(&String::from_utf8_lossy(&version.stdout)))
        },
    )
}

fn install_node(workspace: &Workspace) -> Result<PathBuf, String> {
    packages(workspace, "xtask/node/runtime", "node-runtime")?;
    program(workspace).ok_or_else(|| "no package of Node is made for this machine".to_owned())
}

/// npm's packages of Node are one for each kind of processor; npm installs the fitting one.
fn installed_node(packages: &Path) -> PathBuf {
    let processor = if cfg!(target_arch = "aarch64") { "arm64" } else { "x64" };
    packages.join(format!("node-linux-{processor}/bin/node"))
}

/// Installs what the lock file in `pins` names below `target/`, so that no `node_modules` comes into the tree.
fn packages(workspace: &Workspace, pins: &str, name: &str) -> Result<PathBuf, String> {
    let (pins, home) = (workspace.root.join(pins), workspace.target.join(name));
    once(&home, &read(&pins.join("package-lock.json"))?, || {
        for file in ["package.json", "package-lock.json", ".npmrc"] {
            let source = pins.join(file);
            fs::copy(&source, home.join(file)).map_err(|error| format!("{}: {error}", source.display()))?;
        }
        run(Command::new("npm").args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&home))
            .map_err(|why| format!("Node's packages could not be installed: {why}"))
    })?;
    Ok(home.join("node_modules"))
}

fn has_npm() -> bool {
    succeeds(Command::new("npm").arg("--version"))
}

/// The versions that the pinned tools name in their package: 20.19 and later of 20, or 22.12 and later.
fn is_supported(version: &str) -> bool {
    let mut parts = version.trim().trim_start_matches('v').split('.').map_while(|part| part.parse::<u32>().ok());
    match (parts.next(), parts.next()) {
        (Some(20), Some(minor)) => minor >= 19,
        (Some(22), Some(minor)) => minor >= 12,
        (Some(major), Some(_)) => major > 22,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::is_supported;

    #[test]
    fn only_the_versions_that_the_tools_support_are_used() {
        for version in ["v20.19.0\n", "v20.20.2", "v22.12.0", "v23.0.1", "v24.1.0"] {
            assert!(is_supported(version), "{version}");
        }
        for version in ["v18.20.4", "v20.18.9", "v21.7.0", "v22.11.0", "", "node"] {
            assert!(!is_supported(version), "{version}");
        }
    }
}
