//! Links between the documents.

use std::path::{Component, Path, PathBuf};

use super::markdown::Page;
use crate::workspace::Workspace;

/// Every link that leads nowhere, and every link of a book that leads out of it: the built book has nothing there.
pub(crate) fn faults(workspace: &Workspace, pages: &[Page]) -> Vec<String> {
    let mut faults = Vec::new();
    for page in pages {
        for line in &page.lines {
            let links = line.links().into_iter().filter(|link| !link.contains("://"));
            faults.extend(links.filter_map(|link| {
                let fault = fault(workspace, pages, page, link)?;
                Some(format!("{}:{}: {link}: {fault}", page.file.display(), line.number))
            }));
        }
    }
    faults
}

fn fault(workspace: &Workspace, pages: &[Page], page: &Page, link: &str) -> Option<&'static str> {
    let (path, anchor) = link.split_once('#').map_or((link, None), |(path, anchor)| (path, Some(anchor)));
    let target = match path {
        "" => page.file.clone(),
        path => resolved(&page.file, path),
    };
    if !workspace.root.join(&target).exists() {
        return Some("there is no such file");
    }
    if let Some(book) = book(&page.file)
        && !target.starts_with(book)
    {
        return Some("leads out of the book: name the file in backticks instead");
    }
    let anchor = anchor?;
    let is_there = pages.iter().any(|page| page.file == target && page.anchors().iter().any(|known| known == anchor));
    (!is_there).then_some("there is no such heading")
}

/// The folder of the pages of the book that a file is in.
fn book(file: &Path) -> Option<PathBuf> {
    let parts: Vec<Component> = file.components().collect();
    (parts.len() > 3 && file.starts_with("docs")).then(|| parts[..3].iter().collect())
}

/// What `path` means on the page `file`.
fn resolved(file: &Path, path: &str) -> PathBuf {
    let mut target = file.parent().unwrap_or(Path::new("")).to_path_buf();
    for part in Path::new(path).components() {
        match part {
            Component::ParentDir => {
                target.pop();
            }
            Component::CurDir => {}
            part => target.push(part),
        }
    }
    target
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_link_to_no_file_no_heading_or_out_of_its_book_is_named_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().to_path_buf();
        fs::create_dir_all(root.join("docs/en/src")).unwrap();
        let texts = [
            ("README.md", "[a](docs/en/src/a.md#one) [b](LICENSE)\n[c](docs/en/src/b.md) [d](https://example.com/#x)"),
            ("docs/en/src/a.md", "# One\n[a](#one) [b](#two)\n[c](../../../README.md)"),
        ];
        let write = |(file, text): &(&str, &str)| {
            fs::write(root.join(file), text).unwrap();
            Page::new(PathBuf::from(file), text)
        };
        let pages: Vec<Page> = texts.iter().map(write).collect();
        fs::write(root.join("LICENSE"), "").unwrap();

        let faults = faults(&Workspace { target: root.join("target"), root }, &pages);

        assert_eq!(
            faults,
            [
                "README.md:2: docs/en/src/b.md: there is no such file",
                "docs/en/src/a.md:2: #two: there is no such heading",
                "docs/en/src/a.md:3: ../../../README.md: leads out of the book: name the file in backticks instead",
            ]
        );
    }
}
