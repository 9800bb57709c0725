//! `crash`: the kill -9 test in release and at length; the ordinary test run does fewer cycles of the same.

use anyhow::Result;

use crate::{db, env, sh};

/// How many requests of each kind 16 clients send at the same moment.
const RACED: &str = "1000";

/// Runs so many kills per database, and the race of equal requests.
pub(crate) fn run(cycles: u32) -> Result<()> {
    let postgres = db::Scratch::start()?;
    sh::run(
        sh::cargo()
            .args(["test", "--release", "--locked", "--package", "keyward-server"])
            .args(["--test", "it", "--", "crash", "of_16_equal_requests", "--nocapture"])
            .env("KEYWARD_CRASH_CYCLES", cycles.to_string())
            .env("KEYWARD_RACED_REQUESTS", RACED)
            .env(env::TEST_POSTGRES_URL, postgres.url()),
    )
}
