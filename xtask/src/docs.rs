//! The documents: the settings pages are written from `passport.example.toml`, and all pages are held to what they
//! refer to.

mod books;
mod links;
mod markdown;
mod mentions;
mod settings;

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::report::Outcome;
use crate::workspace::{Workspace, run, succeeds, walk};
use books::LANGUAGES;
use markdown::Page;
use settings::Settings;

/// Writes the settings page of each book.
pub(crate) fn write(workspace: &Workspace) -> Result<(), String> {
    for (file, text) in settings::pages(workspace, &Settings::read(workspace)?)? {
        fs::write(workspace.root.join(&file), text).map_err(|error| format!("{}: {error}", file.display()))?;
        println!("{}", file.display());
    }
    Ok(())
}

/// Compares the settings pages with what would be written, and looks for what the pages refer to: files, anchors,
/// settings.
pub(crate) fn check(workspace: &Workspace) -> Result<(), String> {
    let settings = Settings::read(workspace)?;
    let mut faults = Vec::new();
    for (file, text) in settings::pages(workspace, &settings)? {
        if fs::read_to_string(workspace.root.join(&file)).ok() != Some(text) {
            faults.push(format!("{}: out of date, `cargo xtask docs` writes it", file.display()));
        }
    }
    let pages = pages(workspace)?;
    faults.extend(links::faults(workspace, &pages));
    faults.extend(mentions::faults(workspace, &pages, &settings));
    faults.extend(books::faults(workspace, &pages));
    println!("documents: {} pages read", pages.len());
    if faults.is_empty() { Ok(()) } else { Err(faults.join("\n")) }
}

/// Builds the books with mdbook, into `target/`; left out where it is not installed.
pub(crate) fn build(workspace: &Workspace) -> Outcome {
    if !succeeds(Command::new("mdbook").arg("--version")) {
        return Outcome::Unreachable("mdbook is not installed (`cargo install mdbook --locked`)".to_owned());
    }
    let build = |language: &&str| {
        let target = workspace.target.join("docs").join(language);
        let book = workspace.root.join("docs").join(language);
        run(Command::new("mdbook").arg("build").arg(book).arg("--dest-dir").arg(target))
    };
    LANGUAGES.iter().try_for_each(build).into()
}

/// The documents at the root, and every page below `docs/`.
fn pages(workspace: &Workspace) -> Result<Vec<Page>, String> {
    let mut files: Vec<PathBuf> =
        ["README.md", "README.zh-CN.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(PathBuf::from).into();
    let below = walk(&workspace.root.join("docs"))?;
    let is_page = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "md");
    files.extend(below.iter().filter(|path| is_page(path)).map(|path| workspace.relative(path).to_path_buf()));
    let read = |file: PathBuf| {
        let text =
            fs::read_to_string(workspace.root.join(&file)).map_err(|error| format!("{}: {error}", file.display()))?;
        Ok(Page::new(file, &text))
    };
    files.into_iter().map(read).collect()
}
