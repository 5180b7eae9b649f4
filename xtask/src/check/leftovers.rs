//! Files that tools leave behind and that must not be committed.

use std::path::Path;

use crate::workspace::Workspace;

/// # Errors
/// Names every unreviewed snapshot and every `node_modules` in the tree.
pub(crate) fn check(workspace: &Workspace) -> Result<(), String> {
    let leftovers: Vec<String> = workspace
        .walk()?
        .iter()
        .filter_map(|path| Some(format!("{}: {}", workspace.relative(path).display(), fault(path)?)))
        .collect();
    if leftovers.is_empty() { Ok(()) } else { Err(leftovers.join("\n")) }
}

fn fault(path: &Path) -> Option<&'static str> {
    let name = path.file_name()?.to_string_lossy();
    if name.ends_with(".snap.new") || name.ends_with(".pending-snap") {
        Some("a snapshot that nobody reviewed")
    } else if name == "node_modules" {
        Some("Node's packages belong under target/")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn unreviewed_snapshots_and_node_modules_are_named_and_a_reviewed_snapshot_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().to_path_buf();
        fs::create_dir_all(root.join("tests/snapshots")).unwrap();
        fs::create_dir_all(root.join("xtask/node/node_modules/deep")).unwrap();
        fs::create_dir_all(root.join("target/node_modules")).unwrap();
        fs::create_dir_all(root.join("tests/target")).unwrap();
        for file in ["tests/snapshots/a.snap", "tests/snapshots/b.snap.new", "tests/target/.c.pending-snap"] {
            fs::write(root.join(file), "").unwrap();
        }

        let workspace = Workspace { target: root.join("target"), root };
        let faults = check(&workspace).unwrap_err();

        let named: Vec<&str> = faults.lines().map(|line| line.split(':').next().unwrap()).collect();
        assert_eq!(named, ["tests/snapshots/b.snap.new", "tests/target/.c.pending-snap", "xtask/node/node_modules"]);
    }
}
