//! Developer tools that are crates: built once below target/tools, at a fixed version, from their own lock file.

use std::path::PathBuf;

use anyhow::Result;

use crate::sh;

/// The path of the tool at this version; builds it if it is not there.
pub(crate) fn path(name: &str, version: &str) -> Result<PathBuf> {
    let root = sh::root().join("target/tools");
    let binary = root.join("bin").join(name);
    let present = sh::output(sh::command(&binary).arg("--version"))
        .is_ok_and(|line| line.split_whitespace().any(|word| word == version));
    if !present {
        // A debug build without debug information: a tool that runs for a second must not build for minutes.
        sh::run(
            sh::cargo()
                .args(["install", "--locked", "--debug", "--force", "--root"])
                .arg(&root)
                .args([name, "--version", version])
                .env("CARGO_PROFILE_DEV_DEBUG", "0")
                .env("CARGO_TARGET_DIR", root.join("build")),
        )?;
    }
    Ok(binary)
}
