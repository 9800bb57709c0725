//! `golden`: the dialects' transcripts alone, which is what a change of a wire format touches.

use anyhow::Result;

use crate::{db, env, sh};

/// Compares, or with `bless` writes what the server answers now; read the diff before you commit it.
pub(crate) fn run(bless: bool) -> Result<()> {
    let postgres = db::Scratch::start()?;
    let mut command = sh::cargo();
    command.args(["test", "--locked", "--package", "keyward-http", "--test", "it", "golden"]);
    command.env(env::TEST_POSTGRES_URL, postgres.url());
    if bless {
        command.env("KEYWARD_BLESS", "1");
    }
    sh::run(&mut command)
}
