//! How often a thread has panicked. Each time is a bug, whatever became of the request.

use std::sync::atomic::{AtomicU64, Ordering};

/// Of the process: a panic hook is the process's too.
static PANICS: AtomicU64 = AtomicU64::new(0);

/// Counts one.
pub(crate) fn count() {
    PANICS.fetch_add(1, Ordering::Relaxed);
}

/// How many so far.
pub(super) fn counted() -> u64 {
    PANICS.load(Ordering::Relaxed)
}
