//! Tools of other languages, pinned, installed once below `target/`.

pub(crate) mod chromium;
pub(crate) mod node;
pub(crate) mod python;

pub(crate) mod apt;

use std::fs;
use std::path::Path;

/// Makes the folder `home` with `install`, unless it was made from the same `pins` before.
///
/// # Errors
/// When the folder cannot be made; the next call tries again.
fn once(home: &Path, pins: &str, install: impl FnOnce() -> Result<(), String>) -> Result<(), String> {
    let stamp = home.join("installed");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == pins) {
        return Ok(());
    }
    let failed = |error| format!("{}: {error}", home.display());
    if home.exists() {
        fs::remove_dir_all(home).map_err(failed)?;
    }
    fs::create_dir_all(home).map_err(failed)?;
    install()?;
    fs::write(stamp, pins).map_err(failed)
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::once;

    #[test]
    fn a_tool_is_installed_once_for_the_same_pins_and_again_for_others_or_after_a_failure() {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("tool");
        let mut installs = 0;
        let mut install = |pins: &str, result: Result<(), String>| {
            let _ = once(&home, pins, || {
                installs += 1;
                result
            });
            installs
        };

        assert_eq!(install("1.0", Err("no network".to_owned())), 1);
        assert_eq!(install("1.0", Ok(())), 2, "a failure is tried again");
        assert_eq!(install("1.0", Ok(())), 2, "the same pins need no second installation");
        assert_eq!(install("1.1", Ok(())), 3);
    }
}
