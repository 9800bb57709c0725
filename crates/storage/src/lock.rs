//! One process for each SQLite database: a second writer would not know of the first one's memory.
//!
//! The lock is the operating system's, on `<database>.lock`, and ends with the process however that ends. It is not on
//! the database itself: closing any descriptor of that file would drop SQLite's own locks.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::files::beside;

/// The lock's file: beside the database itself, by whichever link it is opened.
const LOCK: &str = ".lock";

/// The right to open the database, until dropped.
#[must_use]
pub(crate) struct ProcessLock {
    _file: File,
}

/// Takes the lock. `None` if another process has it.
pub(crate) fn try_lock(database: &Path) -> io::Result<Option<ProcessLock>> {
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(beside(database, LOCK)?)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(ProcessLock { _file: file })),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Whether the lock was ever taken: its file stays.
pub(crate) fn was_taken(database: &Path) -> io::Result<bool> {
    beside(database, LOCK)?.try_exists()
}
