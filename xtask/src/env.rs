//! The only reader of the environment and arguments in xtask: so that one page tells which variables matter.

use std::ffi::OsString;
use std::path::PathBuf;

/// A directory with a RustSec advisory database; without it advisories are not checked.
pub(crate) const ADVISORY_DB: &str = "KEYWARD_ADVISORY_DB";
/// Where tests find PostgreSQL; set by xtask for what it runs.
pub(crate) const TEST_POSTGRES_URL: &str = "KEYWARD_TEST_POSTGRES_URL";
/// Where tests find Redis; set by xtask for what it runs.
pub(crate) const TEST_REDIS_URL: &str = "KEYWARD_TEST_REDIS_URL";
/// How many tests of a binary run at once, as Rust's test harness reads it.
pub(crate) const TEST_THREADS: &str = "RUST_TEST_THREADS";

/// The value of a variable, `None` when it is unset, empty or not UTF-8.
#[allow(clippy::disallowed_methods, reason = "the one place in xtask that reads the environment")]
pub(crate) fn var(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The directories of `PATH`, in order.
pub(crate) fn path() -> Vec<PathBuf> {
    var("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default()
}

/// The arguments. All that follows `test` is for cargo, a leading `--` too, which clap would take as meant for
/// itself: it gets one of its own.
pub(crate) fn arguments() -> Vec<OsString> {
    let mut arguments: Vec<OsString> = std::env::args_os().collect();
    if arguments.get(1).is_some_and(|verb| verb == "test") && arguments.get(2).is_some_and(|arg| arg == "--")
    {
        arguments.insert(2, "--".into());
    }
    arguments
}
