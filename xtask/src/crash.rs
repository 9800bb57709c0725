//! `crash`: the kill -9 test in release and at length; the ordinary test run does fewer cycles of the same.

use anyhow::Result;

use crate::{db, env, sh};

/// Runs so many kills per database.
pub(crate) fn run(cycles: u32) -> Result<()> {
    let postgres = db::Scratch::start()?;
    sh::run(
        sh::cargo()
            .args(["test", "--release", "--locked", "--package", "keyward-server"])
            .args(["--test", "it", "crash", "--", "--nocapture"])
            .env("KEYWARD_CRASH_CYCLES", cycles.to_string())
            .env(env::TEST_POSTGRES_URL, postgres.url()),
    )
}
