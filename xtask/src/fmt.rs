//! `fmt`: rustfmt over the whole workspace, because layout is not worth a discussion.

use anyhow::Result;

use crate::sh;

/// Formats, or with `check` only tells what it would change.
pub(crate) fn run(check: bool) -> Result<()> {
    sh::run(sh::cargo().args(["fmt", "--all"]).args(check.then_some("--check")))
}
