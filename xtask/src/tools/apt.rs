//! Debian's packages.

use std::process::Command;

use crate::workspace::{run, succeeds};

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

/// Installs the package of a server, and stops the server of the whole machine that it may start.
///
/// # Errors
/// As [`install`].
pub(crate) fn install_server(package: &str, service: &str) -> Result<(), String> {
    install(&[package])?;
    // Fails if no server was started.
    succeeds(as_root("service").args([service, "stop"]));
    Ok(())
}

fn apt_get() -> Command {
    let mut command = as_root("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}

fn as_root(program: &str) -> Command {
    let is_root = Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout == b"0\n");
    if is_root {
        Command::new(program)
    } else {
        let mut sudo = Command::new("sudo");
        sudo.args(["--non-interactive", "--preserve-env=DEBIAN_FRONTEND", program]);
        sudo
    }
}
