//! Where settings come from: defaults, then a file, then the environment, then flags.

use std::{fs, io::ErrorKind, path::PathBuf};

use toml::Table;

use super::errors::{ConfigErrors, one_line};

/// Every setting with its default.
const DEFAULTS: &str = include_str!("../../passport.example.toml");

/// Read, if it exists, when no other file is named.
const DEFAULT_FILE: &str = "passport.toml";

pub(super) const PREFIX: &str = "PASSPORT_";

/// What overrides the defaults; each source overrides those before it.
#[derive(Default)]
pub struct Sources {
    /// The settings file; `passport.toml`, if it exists, when not given.
    pub file: Option<PathBuf>,
    /// Variables without the prefix `PASSPORT_` are ignored.
    pub environment: Vec<(String, String)>,
    pub listen: Option<String>,
    pub database_url: Option<String>,
}

/// The variables of the process that begin with `PASSPORT_`. Only these must be UTF-8.
pub fn environment() -> Result<Vec<(String, String)>, ConfigErrors> {
    std::env::vars_os()
        .map(|(name, value)| (name.to_string_lossy().into_owned(), value))
        .filter(|(name, _)| name.starts_with(PREFIX))
        .map(|(name, value)| match value.into_string() {
            Ok(value) => Ok((name, value)),
            Err(_) => Err(format!("{name}: must be UTF-8").into()),
        })
        .collect()
}

pub(super) fn defaults() -> Table {
    DEFAULTS.parse().expect("the embedded file is TOML, as the tests prove")
}

/// The settings file with its name; `None` when none is named and the default one does not exist.
pub(super) fn read_file(named: Option<PathBuf>) -> Result<Option<(String, Table)>, ConfigErrors> {
    let path = named.clone().unwrap_or_else(|| DEFAULT_FILE.into());
    let name = path.display().to_string();
    match fs::read_to_string(&path) {
        Ok(text) => {
            let table = text.parse().map_err(|error| format!("{name}: {}", one_line(&error)))?;
            Ok(Some((name, table)))
        }
        Err(error) if error.kind() == ErrorKind::NotFound && named.is_none() => Ok(None),
        Err(error) => Err(format!("{name}: cannot be read: {error}").into()),
    }
}
