//! Holds `src/` to the import table, who may import whom and who may use which library, and finds circles of imports.

mod circles;
mod imports;
mod table;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::workspace::{Workspace, walk};
use imports::{Import, SourceFile};
use table::{Room, TABLE, WATCHED};

/// Reads every source file of the service, compares its imports with the table, and looks for circles.
///
/// # Errors
/// Names each import that the table does not allow by file and line, each file of no room, each room without a file, and
/// each circle with its files.
pub(crate) fn check(workspace: &Workspace) -> Result<(), String> {
    let folder = workspace.root.join("src");
    let mut sources = Vec::new();
    for path in walk(&folder)? {
        if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
            sources.push((path.strip_prefix(&folder).unwrap_or(&path).to_path_buf(), text));
        }
    }
    println!("layers: {} files read", sources.len());
    let faults = faults(&sources);
    if faults.is_empty() { Ok(()) } else { Err(faults.join("\n")) }
}

/// What the table says against `sources`, each a path below `src/` with its text, and the circles among them.
fn faults(sources: &[(PathBuf, String)]) -> Vec<String> {
    let mut faults = Vec::new();
    let mut files = Vec::new();
    for (path, text) in sources {
        match imports::read(path, text) {
            Ok(file) => files.push(file),
            Err(error) => faults.push(format!("src/{}: {error}", path.display())),
        }
    }
    let test_modules: Vec<_> = files.iter().flat_map(|file| &file.test_modules).collect();
    let is_test = |file: &SourceFile| test_modules.iter().any(|test| file.module.starts_with(test));
    let mut seen = BTreeSet::new();
    for file in &files {
        let (path, name) = (file.path.display(), room_name(&file.path));
        let Some(room) = TABLE.iter().find(|room| room.name == name) else {
            faults.push(format!("src/{path}: the table knows no room `{name}`"));
            continue;
        };
        seen.insert(room.name);
        faults.extend(file.imports.iter().filter_map(|import| {
            let fault = fault(room, import, is_test(file))?;
            Some(format!("src/{path}:{}: {fault}", import.line))
        }));
    }
    for room in TABLE.iter().filter(|room| !room.optional && !seen.contains(room.name)) {
        faults.push(format!("src/: the room `{}` of the table has no file", room.name));
    }
    faults.dedup();
    faults.extend(circles::find(&files.iter().filter(|file| !is_test(file)).collect::<Vec<_>>()));
    faults
}

/// What the table says against one import of a file in `room`.
fn fault(room: &Room, import: &Import, in_test_file: bool) -> Option<String> {
    let path = import.path.join("::");
    let [first, rest @ ..] = import.path.as_slice() else { return None };
    if first != "crate" {
        // Outside of `use`, a lone word is a local name.
        if !WATCHED.contains(&first.as_str()) || (rest.is_empty() && import.declares.is_none()) {
            return None;
        }
        let allowed = in_test_file || import.in_tests || room.may_use(first);
        return (!allowed).then(|| format!("`{}` may not use the library `{first}` ({path})", room.name));
    }
    let target = rest.first().map(String::as_str);
    match target.filter(|target| *target != "*") {
        None => (!room.may_import_all()).then(|| format!("`{}` may not import the whole crate ({path})", room.name)),
        Some(target) => {
            // What stands in no room stands in lib.rs itself.
            let target = TABLE.iter().find(|room| room.name == target).map_or("lib", |room| room.name);
            if !room.may_import(target) {
                Some(format!("`{}` may not import `{target}` ({path})", room.name))
            } else if room.takes_only_settings_of(target) && !rest.iter().any(|part| part.ends_with("Settings")) {
                Some(format!("`{}` may import only the settings of `{target}` ({path})", room.name))
            } else {
                None
            }
        }
    }
}

/// The room of a file: the folder below `src/`, or the file's own name.
fn room_name(path: &Path) -> String {
    let first = path.iter().next().map(Path::new).unwrap_or(path);
    first.with_extension("").to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests;
