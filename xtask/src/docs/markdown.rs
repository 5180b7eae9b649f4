//! As much of Markdown as the checks need: headings, links and code spans, none of them inside code blocks.

use std::collections::BTreeMap;
use std::path::PathBuf;

pub(crate) struct Page {
    /// Relative to the project's folder.
    pub(crate) file: PathBuf,
    pub(crate) lines: Vec<Line>,
}

/// A line outside code blocks.
pub(crate) struct Line {
    pub(crate) number: usize,
    text: String,
}

impl Page {
    pub(crate) fn new(file: PathBuf, text: &str) -> Self {
        let mut lines = Vec::new();
        let mut fence = None;
        for (index, line) in text.lines().enumerate() {
            let trimmed = line.trim_start();
            match fence {
                Some(open) if trimmed.trim_end() == open => fence = None,
                Some(_) => {}
                None if trimmed.starts_with("```") => fence = Some("```"),
                None => lines.push(Line { number: index + 1, text: line.to_owned() }),
            }
        }
        Self { file, lines }
    }

    /// The anchors of the page's headings, as code hosts and mdBook make them.
    pub(crate) fn anchors(&self) -> Vec<String> {
        let mut seen = BTreeMap::<String, usize>::new();
        let headings = self.lines.iter().filter_map(|line| line.heading());
        headings
            .map(|heading| {
                let anchor = anchor(heading);
                let count = seen.entry(anchor.clone()).or_default();
                *count += 1;
                if *count == 1 { anchor } else { format!("{anchor}-{}", *count - 1) }
            })
            .collect()
    }
}

impl Line {
    pub(crate) fn is_table_row(&self) -> bool {
        self.text.trim_start().starts_with('|')
    }

    fn heading(&self) -> Option<&str> {
        let text = self.text.trim_start_matches('#');
        (text.len() < self.text.len()).then(|| text.strip_prefix(' ')).flatten()
    }

    /// What stands in backticks.
    pub(crate) fn code_spans(&self) -> impl Iterator<Item = &str> {
        self.text.split('`').skip(1).step_by(2)
    }

    /// The targets of links.
    pub(crate) fn links(&self) -> Vec<&str> {
        // A code span may look like a link.
        let outside = self.text.split('`').step_by(2);
        let after = outside.flat_map(|text| text.match_indices("](").map(|(at, mark)| &text[at + mark.len()..]));
        // The text of a link may be a code span, so its target may be all that is outside.
        after.filter_map(|rest| rest.split_once(')')).map(|(target, _)| target).collect()
    }

    /// The whole numbers, `10,000` being one of them.
    pub(crate) fn numbers(&self) -> Vec<u64> {
        let text = self.text.replace(',', "");
        text.split(|character: char| !character.is_ascii_digit()).filter_map(|digits| digits.parse().ok()).collect()
    }
}

/// Lower case, without punctuation, with hyphens for spaces.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().chars().filter_map(|character| match character {
        ' ' => Some('-'),
        '-' | '_' => Some(character),
        _ => character.is_alphanumeric().then_some(character),
    });
    kept.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(text: &str) -> Page {
        Page::new(PathBuf::from("page.md"), text)
    }

    #[test]
    fn anchors_are_what_code_hosts_and_mdbook_make_of_headings() {
        let page = page(
            "# Going live\n## `[applet.code_failures]`\n### 接入 WeChat，上线\n## Going live\n#none\n```sh\n# none\n```",
        );
        assert_eq!(page.anchors(), ["going-live", "appletcode_failures", "接入-wechat上线", "going-live-1"]);
    }

    #[test]
    fn links_and_code_spans_count_outside_code_only() {
        let page = page("a [b](c.md#d) `e](f)` [`g`](h.md)\n```text\n[i](j.md) `k`\n```\n[l](m.md)");
        let links: Vec<&str> = page.lines.iter().flat_map(Line::links).collect();
        let spans: Vec<&str> = page.lines.iter().flat_map(Line::code_spans).collect();
        assert_eq!(links, ["c.md#d", "h.md", "m.md"]);
        assert_eq!(spans, ["e](f)", "g"]);
        assert_eq!(page.lines.last().map(|line| line.number), Some(5));
    }

    #[test]
    fn a_number_may_be_written_with_commas() {
        assert_eq!(page("| 10,000 in 1 day, 5s |").lines[0].numbers(), [10_000, 1, 5]);
    }
}
