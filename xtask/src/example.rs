//! Running the workspace's examples from the build that the tests use.
//!
//! `cargo run --package P --example E` would build every dependency once more for P's choice of features alone.

use std::process::Command;

use anyhow::Result;

use crate::sh;

/// Builds all examples with the workspace's features.
pub(crate) fn build_all() -> Result<()> {
    sh::run(sh::cargo().args(["build", "--workspace", "--locked", "--examples"]))
}

/// The example as `build_all` has left it.
pub(crate) fn command(name: &str) -> Result<Command> {
    Ok(sh::command(sh::target_dir()?.join("debug/examples").join(name)))
}
