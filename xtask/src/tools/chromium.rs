//! Chromium, for what only a real browser can show.

use std::path::{Path, PathBuf};

use super::apt;

/// Where Debian's package installs it.
const PROGRAM: &str = "/usr/bin/chromium";

/// # Errors
/// When it is missing; `install` lets apt-get bring it, with a font for Chinese.
pub(crate) fn program(install: bool) -> Result<PathBuf, String> {
    let program = Path::new(PROGRAM);
    if !program.exists() && install {
        apt::install(&["chromium", "fonts-wqy-zenhei"])?;
    }
    if program.exists() { Ok(program.to_path_buf()) } else { Err("Chromium is not installed".to_owned()) }
}
