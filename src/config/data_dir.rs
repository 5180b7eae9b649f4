//! What the configuration creates in the data folder: the folder itself and the generated root secret.

use std::{
    fs::{self, OpenOptions},
    io::{self, ErrorKind, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::Path,
};

use super::{checks::is_short, errors::ConfigErrors, settings::Config};
use crate::{
    account::KeySettings,
    types::{Random, Secret},
};

impl Config {
    /// Creates the data folder if the database is embedded.
    pub fn make_data_dir(&self) -> Result<(), ConfigErrors> {
        if self.is_embedded() {
            fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(&self.data_dir)
                .map_err(|error| format!("data_dir: {} cannot be made: {error}", self.data_dir.display()))?;
        }
        Ok(())
    }

    /// The root secrets: those that are set, or else the one in the data folder, which is created at the first start.
    pub fn keys(&self, random: &Random) -> Result<KeySettings, ConfigErrors> {
        let previous = self.previous_secret_keys.clone();
        if !self.secret_key.is_empty() {
            return Ok(KeySettings { current: self.secret_key.clone(), previous });
        }
        let path = self.data_dir.join("secret.key");
        let current = read_or_create_secret(&path, random)
            .map_err(|error| format!("{} cannot be read or made: {error}", path.display()))?;
        if is_short(&current) {
            return Err(format!("{} is shorter than 32 bytes", path.display()).into());
        }
        Ok(KeySettings { current, previous })
    }
}

/// The secret in the file, which is created with a random one if it does not exist. The file appears with its whole
/// content at once, even when several processes create it.
fn read_or_create_secret(path: &Path, random: &Random) -> io::Result<Secret> {
    match fs::read_to_string(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        other => return Ok(Secret::new(other?.trim())),
    }
    let draft = path.with_extension(random.hex::<8>());
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    file.write_all(random.hex::<32>().as_bytes())?;
    file.sync_all()?;
    let linked = fs::hard_link(&draft, path);
    fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => Ok(Secret::new(fs::read_to_string(path)?.trim())),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_secret_of_the_data_folder_is_created_once_and_readable_by_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret.key");
        let random = Random::system();

        let first = read_or_create_secret(&path, &random).unwrap();
        let second = read_or_create_secret(&path, &random).unwrap();

        assert_eq!(first.expose(), second.expose());
        assert!(first.expose().len() >= KeySettings::MIN_BYTES);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no draft is left behind");
    }
}
