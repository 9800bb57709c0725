//! `units`: systemd reads dist/keyward.service and finds no fault in it.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::sh;

/// Verifies a copy whose commands exist here: systemd also complains of a binary that is not installed.
pub(crate) fn run() -> Result<()> {
    if !sh::succeeds(sh::command("systemd-analyze").arg("--version")) {
        println!("units: NOT checked, because systemd-analyze is not installed");
        return Ok(());
    }
    let unit = fs::read_to_string(sh::root().join("dist/keyward.service"))
        .context("cannot read dist/keyward.service")?;
    let directory = sh::root().join("target/units");
    fs::create_dir_all(&directory)?;
    let copy = directory.join("keyward.service");
    fs::write(&copy, with_present_binaries(&unit))?;
    verify(&copy)
}

/// systemd ignores what it does not understand and succeeds; a hardening that it ignores is a fault all the same.
fn verify(unit: &Path) -> Result<()> {
    let verdict = sh::command("systemd-analyze").args(["verify", "--man=no"]).arg(unit).output()?;
    let complaints = String::from_utf8_lossy(&verdict.stderr);
    ensure!(
        verdict.status.success() && !complaints.contains("keyward.service"),
        "systemd finds fault with dist/keyward.service:
{}",
        complaints.trim_end()
    );
    println!("units: systemd finds no fault");
    Ok(())
}

/// Puts /bin/true in the place of every `Exec…=` program; prefixes and arguments stay.
fn with_present_binaries(unit: &str) -> String {
    unit.lines().map(|line| present_binary(line).unwrap_or_else(|| line.to_owned()) + "\n").collect()
}

fn present_binary(line: &str) -> Option<String> {
    let (key, command) = line.split_once('=').filter(|(key, _)| key.starts_with("Exec"))?;
    let start = command.find('/')?;
    let (prefix, command) = command.split_at(start);
    let arguments = command.find(char::is_whitespace).map_or("", |end| command.get(end..).unwrap_or(""));
    Some(format!("{key}={prefix}/bin/true{arguments}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_replaced_and_everything_else_is_kept() {
        let unit = "[Service]\nExecStart=/usr/bin/keyward serve --config /etc/k.toml\n\
                    ExecStartPre=-/usr/bin/keyward\nUser=keyward\n";
        let copy = "[Service]\nExecStart=/bin/true serve --config /etc/k.toml\n\
                    ExecStartPre=-/bin/true\nUser=keyward\n";
        assert_eq!(with_present_binaries(unit), copy);
    }
}
