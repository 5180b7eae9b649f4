//! Where the project is, and how its commands are run.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What is in the project's folder without being part of it.
const NOT_OURS: &[&str] = &["target", ".git", "data"];

pub(crate) struct Workspace {
    /// The folder of the topmost `Cargo.toml`.
    pub(crate) root: PathBuf,
    /// Where cargo builds and where the tools are installed.
    pub(crate) target: PathBuf,
}

impl Workspace {
    pub(crate) fn find() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = root.parent().unwrap_or(root).to_path_buf();
        let target = match std::env::var_os("CARGO_TARGET_DIR") {
            Some(dir) => root.join(dir),
            None => root.join("target"),
        };
        Self { root, target }
    }

    /// The cargo that runs this tool, in the project's folder.
    pub(crate) fn cargo<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Command {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(args).current_dir(&self.root);
        cargo
    }

    /// Everything in the project's folder but what cargo, git and a running service keep there, sorted.
    ///
    /// # Errors
    /// Names the folder that could not be read.
    pub(crate) fn walk(&self) -> Result<Vec<PathBuf>, String> {
        walk_without(&self.root, NOT_OURS)
    }

    /// `path` as a reader of the project knows it.
    pub(crate) fn relative<'a>(&self, path: &'a Path) -> &'a Path {
        path.strip_prefix(&self.root).unwrap_or(path)
    }
}

/// Runs `command` on this terminal, without input.
///
/// # Errors
/// Says what could not be started, or how it ended.
pub(crate) fn run(command: &mut Command) -> Result<(), String> {
    let name = Path::new(command.get_program()).file_name().unwrap_or_default().to_string_lossy().into_owned();
    match command.stdin(Stdio::null()).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{name} ended with {status}")),
        Err(error) => Err(format!("{name} could not be started: {error}")),
    }
}

/// Whether `command` starts and succeeds; its output is not shown.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Everything below `folder`, files and folders, sorted; nothing below a `node_modules` is listed.
///
/// # Errors
/// Names the folder that could not be read.
pub(crate) fn walk(folder: &Path) -> Result<Vec<PathBuf>, String> {
    walk_without(folder, &[])
}

fn walk_without(folder: &Path, left_out: &[&str]) -> Result<Vec<PathBuf>, String> {
    let unreadable = |error| format!("{}: {error}", folder.display());
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let (path, name) = (entry.path(), entry.file_name());
        if left_out.iter().any(|left_out| name == *left_out) {
            continue;
        }
        if entry.file_type().map_err(unreadable)?.is_dir() && name != "node_modules" {
            found.extend(walk(&path)?);
        }
        found.push(path);
    }
    found.sort();
    Ok(found)
}
