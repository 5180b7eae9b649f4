use serde::Deserialize;

use super::{
    errors::{ConfigErrors, one_line},
    merge::{merge, set},
    settings::Config,
    sources::{PREFIX, Sources, defaults, read_file},
};

impl Config {
    /// Reads the settings from all sources, reads the files that hold secrets, and checks the whole.
    pub fn load(sources: Sources) -> Result<Self, ConfigErrors> {
        let defaults = defaults();
        let mut settings = defaults.clone();
        if let Some((name, table)) = read_file(sources.file)? {
            merge(&mut settings, table, "").map_err(|error| format!("{name}: {error}"))?;
        }
        let environment = sources.environment.iter().filter_map(|(name, value)| {
            let key = name.strip_prefix(PREFIX)?;
            Some((name.as_str(), key, Some(value.clone())))
        });
        let flags = [("--listen", "listen", sources.listen), ("--database-url", "database_url", sources.database_url)];
        for (name, key, value) in environment.chain(flags) {
            if let Some(value) = value {
                set(&mut settings, &defaults, key, value).map_err(|error| format!("{name}: {error}"))?;
            }
        }
        let mut config = Self::deserialize(settings).map_err(|error| one_line(&error))?;
        config.read_secret_files()?;
        config.check()?;
        Ok(config)
    }
}
