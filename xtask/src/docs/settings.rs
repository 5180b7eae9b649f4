//! The settings pages, written from `passport.example.toml`. Its comments are the English descriptions; the Chinese
//! ones are in `docs/zh/settings.toml`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use toml_edit::{Decor, DocumentMut, Item, Table, Value};

use crate::workspace::Workspace;

const SOURCE: &str = "passport.example.toml";
const CHINESE: &str = "docs/zh/settings.toml";

/// The name of the text at the beginning of the page in [`CHINESE`].
const PREFACE: &str = "preface";

/// The tables of the settings file, in its order.
pub(crate) struct Settings {
    preface: String,
    tables: Vec<SettingsTable>,
}

struct SettingsTable {
    /// Empty for the settings at the top.
    name: String,
    description: Option<String>,
    settings: Vec<Setting>,
}

struct Setting {
    /// With the table's name.
    name: String,
    description: String,
    default: Value,
}

/// What a page contains apart from the descriptions.
struct Words {
    file: &'static str,
    title: &'static str,
    columns: &'static str,
}

const ENGLISH_WORDS: Words = Words {
    file: "docs/en/src/settings.md",
    title: "Settings",
    columns: "| Setting | Environment | Default | Meaning |",
};
const CHINESE_WORDS: Words =
    Words {
        file: "docs/zh/src/settings.md", title: "配置", columns: "| 配置 | 环境变量 | 默认值 | 含义 |"
    };

/// The settings pages with their texts.
pub(crate) fn pages(workspace: &Workspace, settings: &Settings) -> Result<[(PathBuf, String); 2], String> {
    let text = fs::read_to_string(workspace.root.join(CHINESE)).map_err(|error| format!("{CHINESE}: {error}"))?;
    let english = settings.descriptions();
    let chinese = chinese(&text, &english)?;
    Ok([(ENGLISH_WORDS, english), (CHINESE_WORDS, chinese)]
        .map(|(words, texts)| (words.file.into(), settings.page(&words, &texts))))
}

impl Settings {
    /// Reads the settings file, in which every setting has a comment of its own.
    pub(crate) fn read(workspace: &Workspace) -> Result<Self, String> {
        let text = fs::read_to_string(workspace.root.join(SOURCE)).map_err(|error| format!("{SOURCE}: {error}"))?;
        Self::parse(&text)
    }

    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let document: DocumentMut = text.parse().map_err(|error| format!("{SOURCE}: {error}"))?;
        let mut settings = Self { preface: String::new(), tables: Vec::new() };
        settings.add("", document.as_table())?;
        Ok(settings)
    }

    fn add(&mut self, name: &str, table: &Table) -> Result<(), String> {
        let index = self.tables.len();
        let description = comments(table.decor()).pop();
        self.tables.push(SettingsTable { name: name.to_owned(), description, settings: Vec::new() });
        for (key, item) in table {
            let name = if name.is_empty() { key.to_owned() } else { format!("{name}.{key}") };
            match item {
                Item::Value(default) => {
                    let mut comments = table.key(key).map(|key| comments(key.leaf_decor())).unwrap_or_default();
                    let description = comments.pop().ok_or_else(|| format!("{SOURCE}: {name} has no comment"))?;
                    // The text above the comment of the first setting is about all of them.
                    match (comments.is_empty(), self.preface.is_empty()) {
                        (true, _) => {}
                        (false, true) => self.preface = comments.join("\n\n"),
                        (false, false) => return Err(format!("{SOURCE}: {name} has a comment of several paragraphs")),
                    }
                    let default = default.clone().decorated("", "");
                    self.tables[index].settings.push(Setting { name, description, default });
                }
                Item::Table(table) => self.add(&name, table)?,
                Item::None | Item::ArrayOfTables(_) => return Err(format!("{SOURCE}: {name} is no setting")),
            }
        }
        Ok(())
    }

    fn settings(&self) -> impl Iterator<Item = &Setting> {
        self.tables.iter().flat_map(|table| &table.settings)
    }

    /// Whether a text is written like the full name of a setting in a table.
    pub(crate) fn looks_like_one(&self, text: &str) -> bool {
        let is_name = |text: &str| text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_' || byte == b'.');
        text.split_once('.').is_some_and(|(table, rest)| {
            !rest.is_empty()
                && is_name(rest)
                && self.tables.iter().any(|known| !table.is_empty() && known.name == table)
        })
    }

    /// The numbers in the default of a setting, or in all defaults of a table; none when there is neither.
    pub(crate) fn default_numbers(&self, name: &str) -> Option<Vec<u64>> {
        let table = format!("{name}.");
        let found: Vec<&Setting> =
            self.settings().filter(|setting| setting.name == name || setting.name.starts_with(&table)).collect();
        let numbers = |setting: &&Setting| {
            let default = setting.default.to_string();
            let runs = default.split(|character: char| !character.is_ascii_digit());
            runs.filter_map(|digits| digits.parse().ok()).collect::<Vec<u64>>()
        };
        (!found.is_empty()).then(|| found.iter().flat_map(numbers).collect())
    }

    /// What the comments say about the settings and tables, by name.
    fn descriptions(&self) -> BTreeMap<String, String> {
        let preface = (PREFACE.to_owned(), self.preface.clone());
        let tables = self.tables.iter().filter_map(|table| Some((table.name.clone(), table.description.clone()?)));
        let settings = self.settings().map(|setting| (setting.name.clone(), setting.description.clone()));
        tables.chain(settings).chain([preface]).collect()
    }

    fn page(&self, words: &Words, texts: &BTreeMap<String, String>) -> String {
        let text =
            |name: &str| texts.get(name).map(|text| text.replace('<', "&lt;").replace('|', "\\|")).unwrap_or_default();
        let mut page = format!(
            "<!-- Written by `cargo xtask docs` from {SOURCE}. -->\n\n# {}\n\n{}\n",
            words.title,
            text(PREFACE)
        );
        let mut add = |line: &str| writeln!(page, "{line}").expect("a String takes every line");
        for SettingsTable { name, description, settings } in &self.tables {
            // A table that is only there as part of a longer name.
            if description.is_none() && settings.is_empty() {
                continue;
            }
            if !name.is_empty() {
                add(&format!("\n## `[{name}]`"));
            }
            if description.is_some() {
                add(&format!("\n{}", text(name)));
            }
            if settings.is_empty() {
                continue;
            }
            add(&format!("\n{}\n|---|---|---|---|", words.columns));
            for Setting { name, default, .. } in settings {
                let variables = variables(name, default).join("`, `");
                add(&format!("| `{name}` | `{variables}` | `{default}` | {} |", text(name)));
            }
        }
        page
    }
}

/// How the environment names a setting: one whose value is a table has a name for each part.
fn variables(name: &str, default: &Value) -> Vec<String> {
    let variable = format!("PASSPORT_{}", name.to_uppercase().replace('.', "__"));
    match default {
        Value::InlineTable(parts) => {
            parts.iter().map(|(part, _)| format!("{variable}__{}", part.to_uppercase())).collect()
        }
        _ => vec![variable],
    }
}

/// The paragraphs of the comment above a setting or a table.
fn comments(decor: &Decor) -> Vec<String> {
    let comment = decor.prefix().and_then(|prefix| prefix.as_str()).unwrap_or_default();
    let lines: Vec<&str> = comment.lines().map(|line| line.trim_start_matches('#').trim()).collect();
    lines.split(|line| line.is_empty()).filter(|lines| !lines.is_empty()).map(|lines| lines.join(" ")).collect()
}

/// The Chinese descriptions, of the same settings and tables as the English ones.
fn chinese(text: &str, english: &BTreeMap<String, String>) -> Result<BTreeMap<String, String>, String> {
    let document: DocumentMut = text.parse().map_err(|error| format!("{CHINESE}: {error}"))?;
    let read = |(name, item): (&str, &Item)| match item.as_str() {
        Some(text) => Ok((name.to_owned(), text.trim().to_owned())),
        None => Err(format!("{CHINESE}: {name} must be a text")),
    };
    let chinese: BTreeMap<String, String> = document.iter().map(read).collect::<Result<_, _>>()?;
    let (wanted, given): (BTreeSet<_>, BTreeSet<_>) = (english.keys().collect(), chinese.keys().collect());
    let missing = wanted.difference(&given).map(|name| format!("{CHINESE}: \"{name}\" is missing"));
    let surplus = given.difference(&wanted).map(|name| format!("{CHINESE}: \"{name}\" describes nothing in {SOURCE}"));
    let faults: Vec<String> = missing.chain(surplus).collect();
    if faults.is_empty() { Ok(chinese) } else { Err(faults.join("\n")) }
}

#[cfg(test)]
mod tests;
