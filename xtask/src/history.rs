//! `history`: revocations under load in release and at length; the ordinary test run does fewer of the same.

use anyhow::Result;

use crate::{db, env, sh};

/// Has so many deeds of each kind done on each database, while 32 clients ask.
pub(crate) fn run(deeds: u32) -> Result<()> {
    let postgres = db::Scratch::start()?;
    sh::run(
        sh::cargo()
            .args(["test", "--release", "--locked", "--package", "keyward-server"])
            .args(["--test", "it", "history", "--", "--nocapture", "--test-threads", "1"])
            .env("KEYWARD_HISTORY_DEEDS", deeds.to_string())
            .env(env::TEST_POSTGRES_URL, postgres.url()),
    )
}
