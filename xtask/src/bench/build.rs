//! The release build of what is measured and of what it is measured against.

use std::path::PathBuf;

use anyhow::Result;

use crate::sh;

/// The programs.
pub(super) struct Programs {
    /// Keyward itself.
    pub(super) keyward: PathBuf,
    /// The bare server, the bare primitives, and what fills a database.
    pub(super) bench: PathBuf,
}

/// Builds both from one set of dependencies: the bare server has the framework that Keyward has, to the feature. In
/// debug it is the workspace's own set, which the tests use too.
pub(super) fn programs(debug: bool) -> Result<Programs> {
    let packages: &[&str] = if debug {
        &["--workspace"]
    } else {
        &["--release", "--package", "keyward-server", "--package", "keyward-bench"]
    };
    sh::run(sh::cargo().args(["build", "--locked", "--bins"]).args(packages))?;
    let directory = sh::target_dir()?.join(if debug { "debug" } else { "release" });
    Ok(Programs { keyward: directory.join("keyward"), bench: directory.join("keyward-bench") })
}
