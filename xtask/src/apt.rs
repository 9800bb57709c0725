//! Installing Debian packages where that is possible: as root, or with a sudo that asks nothing.

use std::process::Command;

use anyhow::{Result, bail};

use crate::sh;

/// Installs the packages, or says what a person has to install.
pub(crate) fn install(packages: &[&str]) -> Result<()> {
    if packages.is_empty() {
        return Ok(());
    }
    if !sh::succeeds(sh::command("apt-get").arg("--version")) {
        bail!("please install what Debian calls: {}", packages.join(" "));
    }
    let Some(sudo) = privilege() else {
        bail!("please run: sudo apt-get install {}", packages.join(" "));
    };
    sh::run(apt_get(sudo).args(["update", "--quiet=2"]))?;
    sh::run(apt_get(sudo).args(["install", "--quiet=2", "--yes", "--no-install-recommends"]).args(packages))
}

/// Whether this process is root.
pub(crate) fn is_root() -> bool {
    sh::output(sh::command("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

/// The words to put before a command so that it runs as root; `None` if it cannot.
fn privilege() -> Option<&'static [&'static str]> {
    if is_root() {
        Some(&[])
    } else if sh::succeeds(sh::command("sudo").args(["--non-interactive", "true"])) {
        Some(&["sudo", "--non-interactive"])
    } else {
        None
    }
}

/// `env` sets the variable behind sudo too, which drops the caller's environment.
fn apt_get(privilege: &[&str]) -> Command {
    let mut words = privilege.iter().copied().chain(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
    let mut command = sh::command(words.next().unwrap_or("env"));
    command.args(words);
    command
}
