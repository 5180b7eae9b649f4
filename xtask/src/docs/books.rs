//! The books below `docs/`, one for each language.

use std::path::{Path, PathBuf};

use super::markdown::{Line, Page};
use crate::workspace::Workspace;

pub(crate) const LANGUAGES: [&str; 2] = ["en", "zh"];

const SUMMARY: &str = "SUMMARY.md";

/// Every page that its book's summary does not list, and whatever one language lists and the other does not.
pub(crate) fn faults(workspace: &Workspace, pages: &[Page]) -> Vec<String> {
    let mut faults = Vec::new();
    let [english, other] = LANGUAGES.map(|language| {
        let folder = PathBuf::from(format!("docs/{language}/src"));
        let listed = listed(&folder, pages);
        if !workspace.root.join(format!("docs/{language}/book.toml")).exists() {
            faults.push(format!("docs/{language}/book.toml: there is no such file"));
        }
        for page in pages.iter().filter_map(|page| page.file.strip_prefix(&folder).ok()) {
            if page != Path::new(SUMMARY) && !listed.iter().any(|listed| page == Path::new(listed)) {
                faults.push(format!("{}: not in {SUMMARY}", folder.join(page).display()));
            }
        }
        listed
    });
    if english != other {
        faults.push(format!(
            "docs/: the summaries list different pages:\n  {}\n  {}",
            english.join(" "),
            other.join(" ")
        ));
    }
    faults
}

/// The pages that the summary in `folder` lists, in its order.
fn listed(folder: &Path, pages: &[Page]) -> Vec<String> {
    let summary = pages.iter().find(|page| page.file == folder.join(SUMMARY));
    let lines = summary.map_or(&[][..], |summary| &summary.lines[..]);
    lines.iter().flat_map(Line::links).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_is_not_listed_and_a_language_that_lists_others_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().to_path_buf();
        for language in LANGUAGES {
            std::fs::create_dir_all(root.join("docs").join(language)).unwrap();
            std::fs::write(root.join("docs").join(language).join("book.toml"), "").unwrap();
        }
        let page = |file: &str, text: &str| Page::new(PathBuf::from(format!("docs/{file}")), text);
        let mut pages = vec![
            page("en/src/SUMMARY.md", "- [A](a.md)\n- [B](b.md)"),
            page("en/src/a.md", ""),
            page("en/src/b.md", ""),
            page("zh/src/SUMMARY.md", "- [甲](a.md)"),
            page("zh/src/a.md", ""),
            page("zh/src/b.md", ""),
        ];
        let workspace = Workspace { target: root.join("target"), root };

        assert_eq!(
            faults(&workspace, &pages),
            ["docs/zh/src/b.md: not in SUMMARY.md", "docs/: the summaries list different pages:\n  a.md b.md\n  a.md",]
        );

        pages[3] = page("zh/src/SUMMARY.md", "- [甲](a.md)\n- [乙](b.md)");
        assert!(faults(&workspace, &pages).is_empty());
    }
}
