//! Holds `src/` to the import table: who may import whom, and who may use which library.

mod imports;
mod table;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::workspace::{Workspace, walk};
use imports::{Import, Reading};
use table::{Room, TABLE};

/// Reads every source file of the service and compares its imports with the table.
///
/// # Errors
/// Names each import that the table does not allow by file and line, each file of no room, and each room without a file.
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

/// What the table says against `sources`, each a path below `src/` with its text.
fn faults(sources: &[(PathBuf, String)]) -> Vec<String> {
    let mut faults = Vec::new();
    let mut seen = BTreeSet::new();
    let mut readings = Vec::new();
    for (path, text) in sources {
        let module = module_of(path);
        let name = room_name(path);
        let Some(room) = TABLE.iter().find(|room| room.name == name) else {
            faults.push(format!("src/{}: the table knows no room `{name}`", path.display()));
            continue;
        };
        seen.insert(room.name);
        match imports::read(text, &module) {
            Ok(reading) => readings.push((path, room, module, reading)),
            Err(error) => faults.push(format!("src/{}: {error}", path.display())),
        }
    }
    for room in TABLE.iter().filter(|room| !room.optional && !seen.contains(room.name)) {
        faults.push(format!("src/: the room `{}` of the table has no file", room.name));
    }
    let test_modules: Vec<&Vec<String>> =
        readings.iter().flat_map(|(.., Reading { test_modules, .. })| test_modules).collect();
    for (path, room, module, reading) in &readings {
        let is_test = test_modules.iter().any(|test| module.starts_with(test));
        faults.extend(reading.imports.iter().filter_map(|import| {
            let fault = fault(room, import, is_test)?;
            Some(format!("src/{}:{}: {fault}", path.display(), import.line))
        }));
    }
    faults.dedup();
    faults
}

/// What the table says against one import of a file in `room`.
fn fault(room: &Room, import: &Import, in_test_file: bool) -> Option<String> {
    let path = import.path.join("::");
    let [first, rest @ ..] = import.path.as_slice() else { return None };
    if first != "crate" {
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

/// The module that a file below `src/` holds; the crate's root for `lib.rs` and `main.rs`.
fn module_of(path: &Path) -> Vec<String> {
    let mut module: Vec<String> =
        path.with_extension("").iter().map(|part| part.to_string_lossy().into_owned()).collect();
    if module.len() == 1 && matches!(module[0].as_str(), "lib" | "main")
        || module.last().is_some_and(|last| last == "mod")
    {
        module.pop();
    }
    module
}

#[cfg(test)]
mod tests;
