//! A copy of a SQLite database, put in the database's place while nobody has it open.
//!
//! A database is its file and, if it was not closed in order, a log beside it. Two names cannot be exchanged in one
//! step, so first the log is worked into the file that it belongs to; then one rename decides. Whatever ends the
//! process, the old database or the new one is there, whole.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use keyward_domain::deployment::Deployment;
use keyward_domain::store::StoreError;

use crate::connection::AnyConnection;
use crate::deployment;
use crate::error::{Abort, store_error};
use crate::files::{self, OF_A_DATABASE, sync_directory_of, with};
use crate::lock::{self, ProcessLock};
use crate::manager::{Role, connect, connect_at_rest};
use crate::native::sqlite::{check_every_page, empty_log};
use crate::store::{OpenError, refuse, refuse_foreign_file};
use crate::url::DatabaseUrl;

/// What the database's name has behind it while its successor is written.
const DRAFT: &str = ".restoring";
/// What it has behind it, and then whatever tells one from the other, once it was replaced.
const REPLACED: &str = ".replaced-";

/// A copy of a database that nobody writes to, such as a backup. Looking at it changes nothing, and makes no file.
pub struct CopyAtRest(AnyConnection);

impl CopyAtRest {
    /// Opens one that is Keyward's, of this release or one before. Blocks.
    pub fn open(file: &Path) -> Result<Self, OpenError> {
        if !file.try_exists().map_err(|error| unusable(file, &error))? {
            return Err(OpenError::NotFound(file.display().to_string()));
        }
        refuse_foreign_file(file)?;
        let mut connection = connect_at_rest(file)?;
        refuse(&mut connection)?;
        Ok(Self(connection))
    }

    /// The deployment that it belongs to, if it was ever founded.
    pub fn deployment(&mut self) -> Result<Option<Deployment>, StoreError> {
        deployment::load(&mut self.0).map_err(Abort::into_answer)
    }

    /// What is wrong with its pages, one line each. Reads all of them. Blocks.
    pub fn damage(&mut self) -> Result<Vec<String>, StoreError> {
        match &mut self.0 {
            AnyConnection::Sqlite(connection) => {
                check_every_page(connection).map_err(|error| store_error(&error))
            }
            AnyConnection::Postgres(_) => Ok(Vec::new()), // It is never at rest.
        }
    }
}

/// The place of a SQLite database, which no process has open and none can open until this is dropped.
pub struct RestorePlace {
    database: PathBuf,
    _lock: ProcessLock,
}

impl RestorePlace {
    /// Whether something is there that a restored database would replace. Makes nothing.
    pub fn is_occupied(database: &Path) -> io::Result<bool> {
        for ending in OF_A_DATABASE {
            if with(database, ending).try_exists()? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether a process has the database open. Makes nothing.
    pub fn is_in_use(database: &Path) -> io::Result<bool> {
        Ok(lock::was_taken(database)? && lock::try_lock(database)?.is_none())
    }

    /// Takes the place: `Locked` if a process has the database open, `Foreign` if it is another program's.
    pub fn take(database: &Path) -> Result<Self, OpenError> {
        refuse_foreign_file(database)?;
        let lock = lock::try_lock(database).map_err(|error| unusable(database, &error))?;
        let lock = lock.ok_or_else(|| OpenError::Locked(database.display().to_string()))?;
        let real = files::beside(database, "").map_err(|error| unusable(database, &error))?;
        Ok(Self { database: real, _lock: lock })
    }

    /// An empty file that becomes the database when it is put there. Whatever a killed process has left of one is gone.
    pub fn draft(&self) -> io::Result<File> {
        let draft = self.draft_path();
        files::remove(&draft)?;
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(draft)
    }

    /// Removes the draft, which comes to nothing.
    pub fn discard(&self) -> io::Result<()> {
        files::remove(&self.draft_path())
    }

    /// Puts the draft in the database's place. What was there is kept under another name, which ends with `mark`, and
    /// is told. Blocks.
    pub fn put(self, mark: &str) -> io::Result<Option<PathBuf>> {
        let (database, draft) = (&self.database, self.draft_path());
        File::open(&draft)?.sync_all()?;
        let kept = if Self::is_occupied(database)? { Some(self.keep(mark)?) } else { None };
        fs::rename(draft, database)?;
        sync_directory_of(database)?;
        Ok(kept)
    }

    fn draft_path(&self) -> PathBuf {
        with(&self.database, DRAFT)
    }

    /// Gives what is there another name, and leaves nothing beside the database that SQLite would take for the new one's.
    fn keep(&self, mark: &str) -> io::Result<PathBuf> {
        let database = &self.database;
        self.forget_attempts()?;
        if database.exists() && close_in_order(database) == Some(Log::InUse) {
            return Err(io::Error::other("another program has the database open"));
        }
        let kept = with(database, &format!("{REPLACED}{mark}"));
        let left: Vec<&str> =
            OF_A_DATABASE.into_iter().filter(|ending| with(database, ending).exists()).collect();
        for ending in &left {
            // A link fails where a file of this name is, and leaves the old database in its place until the rename.
            fs::hard_link(with(database, ending), with(&kept, ending))?;
        }
        sync_directory_of(database)?;
        for companion in left.into_iter().filter(|ending| !ending.is_empty()) {
            fs::remove_file(with(database, companion))?;
        }
        sync_directory_of(database)?;
        Ok(kept)
    }

    /// Takes back the names that a killed process gave the database that is still in its place.
    fn forget_attempts(&self) -> io::Result<()> {
        let Ok(current) = self.database.metadata() else {
            return Ok(());
        };
        let (Some(parent), Some(name)) = (self.database.parent(), self.database.file_name()) else {
            return Ok(());
        };
        let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
        let beginning = format!("{}{REPLACED}", name.to_string_lossy());
        for entry in fs::read_dir(parent)? {
            let entry = entry?;
            let metadata = entry.metadata()?;
            let is_same = (metadata.dev(), metadata.ino()) == (current.dev(), current.ino());
            if is_same && entry.file_name().to_string_lossy().starts_with(&beginning) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }
}

/// What became of a log.
#[derive(PartialEq, Eq)]
enum Log {
    WorkedIn,
    /// Another program reads the database.
    InUse,
}

/// Works what stands in the log, or waits to be rolled back, into the database's file. SQLite removes the log when the
/// last connection is closed. `None` for a database that is too damaged: it keeps its log, also under its new name.
fn close_in_order(database: &Path) -> Option<Log> {
    match connect(&DatabaseUrl::sqlite(database), Role::Writing).ok()? {
        AnyConnection::Sqlite(mut connection) => match empty_log(&mut connection).ok()? {
            true => Some(Log::WorkedIn),
            false => Some(Log::InUse),
        },
        AnyConnection::Postgres(_) => None,
    }
}

fn unusable(path: &Path, error: &io::Error) -> OpenError {
    if error.kind() == ErrorKind::NotFound {
        OpenError::NotFound(path.display().to_string())
    } else {
        OpenError::Unavailable(format!("{}: {error}", path.display()))
    }
}
