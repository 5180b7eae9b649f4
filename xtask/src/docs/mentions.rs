//! What the documents name in backticks: files of the project, and settings.

use std::path::Path;

use super::markdown::{Line, Page};
use super::settings::Settings;
use crate::workspace::Workspace;

/// The folders whose files are named by their path.
const FOLDERS: [&str; 7] = ["src/", "tests/", "xtask/", "openapi/", "entity/", "migration/", "docs/"];

/// Every file and setting that is named and is not there, and every default on the page of limits that is another one.
pub(crate) fn faults(workspace: &Workspace, pages: &[Page], settings: &Settings) -> Vec<String> {
    let mut faults = Vec::new();
    // What the changelog names was there at its time.
    for page in pages.iter().filter(|page| page.file != Path::new("CHANGELOG.md")) {
        let is_limits = page.file.file_name().is_some_and(|name| name == "limits.md");
        for line in &page.lines {
            let mut fault = |span: &str, what: &str| {
                faults.push(format!("{}:{}: `{span}`: {what}", page.file.display(), line.number));
            };
            for span in line.code_spans() {
                if is_path(span) && !workspace.root.join(span).exists() {
                    fault(span, "there is no such file");
                }
                if settings.looks_like_one(span) {
                    match settings.default_numbers(span) {
                        None => fault(span, "there is no such setting"),
                        Some(numbers) if is_limits && line.is_table_row() && !shows(line, &numbers) => {
                            fault(span, "its default is another one");
                        }
                        Some(_) => {}
                    }
                }
            }
        }
    }
    faults
}

fn is_path(span: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte);
    FOLDERS.iter().any(|folder| span.starts_with(folder)) && span.bytes().all(is_plain)
}

fn shows(line: &Line, numbers: &[u64]) -> bool {
    let shown = line.numbers();
    numbers.iter().all(|number| shown.contains(number))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn a_file_a_setting_or_a_default_that_is_not_so_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().to_path_buf();
        std::fs::create_dir_all(root.join("src/http")).unwrap();
        let settings = Settings::parse(
            "# Codes.\n[sms]\n# Lifetime.\nttl = \"5m\"\n# Tries.\ntries = { max = 3, window = \"1h\" }\n",
        );
        let page = |file, text| Page::new(PathBuf::from(file), text);
        let pages = [
            page("docs/en/src/a.md", "`src/http/` `src/web/` `src/a b` `sms.ttl` `sms.tll` `sms`"),
            page("docs/en/src/limits.md", "| 5 minutes | `sms.ttl` |\n| 4 in 1 hour | `sms.tries` |\n`sms.ttl`"),
            page("CHANGELOG.md", "`src/web/`"),
        ];

        let faults = faults(&Workspace { target: root.join("target"), root }, &pages, &settings.unwrap());

        assert_eq!(
            faults,
            [
                "docs/en/src/a.md:1: `src/web/`: there is no such file",
                "docs/en/src/a.md:1: `sms.tll`: there is no such setting",
                "docs/en/src/limits.md:2: `sms.tries`: its default is another one",
            ]
        );
    }
}
