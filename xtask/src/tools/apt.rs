//! Debian's packages.

use std::process::Command;

use crate::workspace::run;

/// Installs Debian packages, as root or with sudo.
///
/// # Errors
/// Where apt-get is missing, may not install, or fails.
pub(crate) fn install(packages: &[&str]) -> Result<(), String> {
    println!("installing {}", packages.join(" "));
    run(apt_get().args(["-qq", "update"]))?;
    run(apt_get().args(["-qq", "-y", "--no-install-recommends", "install"]).args(packages))
        .map_err(|why| format!("{} could not be installed: {why}", packages.join(" ")))
}

fn apt_get() -> Command {
    let is_root = Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout == b"0\n");
    let mut command = if is_root {
        Command::new("apt-get")
    } else {
        let mut sudo = Command::new("sudo");
        sudo.args(["--non-interactive", "--preserve-env=DEBIAN_FRONTEND", "apt-get"]);
        sudo
    };
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}
