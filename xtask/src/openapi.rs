//! The committed OpenAPI documents: written from the code, or compared with it.

use std::fs;
use std::path::PathBuf;

use passport::Spec;

use crate::workspace::Workspace;

/// Writes every document of the service to `openapi/<name>.json`.
///
/// # Errors
/// Names the file that could not be written.
pub(crate) fn write(workspace: &Workspace) -> Result<(), String> {
    let folder = workspace.root.join("openapi");
    fs::create_dir_all(&folder).map_err(|error| format!("openapi/: {error}"))?;
    for Spec { name, json } in specs()? {
        fs::write(folder.join(format!("{name}.json")), json)
            .map_err(|error| format!("openapi/{name}.json: {error}"))?;
        println!("openapi/{name}.json");
    }
    Ok(())
}

/// Compares `openapi/` with the documents of the service.
///
/// # Errors
/// Names each file that differs, with the first line that does, each that is missing, and each that nothing writes.
pub(crate) fn check(workspace: &Workspace) -> Result<(), String> {
    let specs = specs()?;
    let mut faults: Vec<String> = specs
        .iter()
        .filter_map(|Spec { name, json }| {
            let difference = match fs::read_to_string(workspace.root.join(format!("openapi/{name}.json"))) {
                Ok(file) => first_difference(&file, json)?,
                Err(error) => error.to_string(),
            };
            Some(format!("openapi/{name}.json: {difference}"))
        })
        .collect();
    for file in files(workspace)? {
        let stem = file.file_stem().unwrap_or_default();
        if !specs.iter().any(|spec| stem == spec.name) {
            faults.push(format!("{}: no document of the service has this name", workspace.relative(&file).display()));
        }
    }
    if faults.is_empty() {
        println!("openapi/: {} documents agree with the code", specs.len());
        return Ok(());
    }
    faults.push("`cargo xtask openapi` writes the documents anew".to_owned());
    Err(faults.join("\n"))
}

/// The committed documents.
///
/// # Errors
/// When `openapi/` cannot be read.
pub(crate) fn files(workspace: &Workspace) -> Result<Vec<PathBuf>, String> {
    let entries = fs::read_dir(workspace.root.join("openapi")).map_err(|error| format!("openapi/: {error}"))?;
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.map(|entry| entry.path()).map_err(|error| format!("openapi/: {error}")))
        .collect::<Result<_, _>>()?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    Ok(files)
}

fn specs() -> Result<Vec<Spec>, String> {
    let specs = passport::specs();
    if specs.is_empty() { Err("the service has no OpenAPI document".to_owned()) } else { Ok(specs) }
}

/// The first line in which `file` and `code` differ, if any does.
fn first_difference(file: &str, code: &str) -> Option<String> {
    if file == code {
        return None;
    }
    let (mut of_file, mut of_code) = (file.split('\n'), code.split('\n'));
    for number in 1.. {
        match (of_file.next(), of_code.next()) {
            (None, None) => break,
            (file, code) if file == code => {}
            (file, code) => {
                let show = |line: Option<&str>| line.map_or("nothing".to_owned(), |line| format!("`{}`", line.trim()));
                return Some(format!("line {number} is {}, the code says {}", show(file), show(code)));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::first_difference;

    #[test]
    fn equal_documents_have_no_difference() {
        assert_eq!(first_difference("{\n}\n", "{\n}\n"), None);
    }

    #[test]
    fn the_first_differing_line_is_named_with_both_sides() {
        let difference = first_difference("{\n  \"a\": 1\n}\n", "{\n  \"a\": 2\n}\n");
        assert_eq!(difference.as_deref(), Some("line 2 is `\"a\": 1`, the code says `\"a\": 2`"));
    }

    #[test]
    fn a_document_that_ends_early_is_a_difference() {
        let difference = first_difference("{\n", "{\n}\n");
        assert_eq!(difference.as_deref(), Some("line 2 is ``, the code says `}`"));
        assert!(first_difference("{", "{\n").is_some());
    }
}
