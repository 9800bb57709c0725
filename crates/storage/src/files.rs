//! The files of a SQLite database: what stands beside it, and under which name.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// A database's file, and what SQLite keeps beside it.
pub(crate) const OF_A_DATABASE: [&str; 4] = ["", "-wal", "-journal", "-shm"];

/// The path with more behind its name.
pub(crate) fn with(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    name.into()
}

/// What stands beside the database itself, by whichever link it is opened.
pub(crate) fn beside(database: &Path, ending: &str) -> io::Result<PathBuf> {
    let real = if database.exists() { database.canonicalize()? } else { database.to_owned() };
    Ok(with(&real, ending))
}

/// Makes a file, empty and for its owner only, unless it exists. SQLite gives its log the same mode.
pub(crate) fn create_private(path: &Path) -> io::Result<()> {
    OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path).map(drop)
}

/// Removes a database that nobody needs, and what SQLite keeps beside it. There may be none.
pub(crate) fn remove(database: &Path) -> io::Result<()> {
    OF_A_DATABASE.into_iter().try_for_each(|ending| match fs::remove_file(with(database, ending)) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    })
}

/// Makes what was done to the names in the file's directory outlast a power cut.
pub(crate) fn sync_directory_of(path: &Path) -> io::Result<()> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    File::open(parent.unwrap_or(Path::new(".")))?.sync_all()
}
