//! `dev`: the server in debug, on data of its own that `cargo clean` removes.

use std::process::Stdio;

use anyhow::Result;

use crate::{env, sh};

/// Runs until it is stopped; what the developer has set in the environment stays as it is.
pub(crate) fn run() -> Result<()> {
    let mut command = sh::cargo();
    command.args(["run", "--package", "keyward-server", "--", "serve"]).stdin(Stdio::inherit());
    for (name, default) in [("KEYWARD_DATA_DIR", "target/dev-data"), ("KEYWARD_LOG", "debug")] {
        if env::var(name).is_none() {
            command.env(name, default);
        }
    }
    sh::run(&mut command)
}
