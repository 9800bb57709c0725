//! One process for each SQLite database: a second writer would not know of the first one's memory.
//!
//! The lock is the operating system's, on `<database>.lock`, and ends with the process however that ends. It is not on
//! the database itself: closing any descriptor of that file would drop SQLite's own locks.

use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// The right to open the database, until dropped.
#[must_use]
pub(crate) struct ProcessLock {
    _file: File,
}

/// Takes the lock. `None` if another process has it.
pub(crate) fn try_lock(database: &Path) -> io::Result<Option<ProcessLock>> {
    let file =
        OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(beside(database)?)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(ProcessLock { _file: file })),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Whether the lock was ever taken: its file stays.
pub(crate) fn was_taken(database: &Path) -> io::Result<bool> {
    beside(database)?.try_exists()
}

/// Makes the database's file, empty and for its owner only, unless it exists. SQLite gives its log the same mode.
pub(crate) fn create_private(database: &Path) -> io::Result<()> {
    OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(database).map(drop)
}

/// The lock's file: beside the database itself, by whichever link it is opened.
fn beside(database: &Path) -> io::Result<PathBuf> {
    let real = if database.exists() { database.canonicalize()? } else { database.to_owned() };
    let mut name = OsString::from(real);
    name.push(".lock");
    Ok(name.into())
}
