//! The adapter: opened once, shared by all, closed at the end.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;
use std::sync::Arc;

use keyward_domain::revocations::RevocationListener;
use keyward_domain::store::StoreError;
use tokio::sync::Mutex;

use crate::connection::AnyConnection;
use crate::db::Db;
use crate::error::store_error;
use crate::manager::{self, CannotConnect, Role, connect, pool};
use crate::measured::Tally;
use crate::native::sqlite::APPLICATION_ID;
use crate::url::{DatabaseUrl, Target};
use crate::writer::Writer;
use crate::{backups, files, integrity, lock, migrate, native};

/// Keeps everything in one database. Cheap to clone: the clones share one pool.
#[derive(Clone)]
pub struct Store {
    pub(crate) url: DatabaseUrl,
    pub(crate) db: Db,
    /// Held by whoever copies the database.
    pub(crate) copying: Arc<Mutex<()>>,
}

/// How to open a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoreOptions {
    /// Whether a SQLite database that does not exist is made. PostgreSQL's are never made.
    pub create: bool,
    /// The most connections to PostgreSQL.
    pub postgres_connections: u32,
}

impl Default for StoreOptions {
    /// A database is made if there is none; eight connections.
    fn default() -> Self {
        Self { create: true, postgres_connections: 8 }
    }
}

/// Why a database was not opened: one line, without a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Another process has this SQLite database open.
    #[error("another process has the database {0} open")]
    Locked(String),
    /// There is no such SQLite database, and none was to be made.
    #[error("there is no database {0}")]
    NotFound(String),
    /// It is another program's database, or no database at all. It was looked at and left alone.
    #[error("{0} is not Keyward's: give it a database of its own")]
    Foreign(String),
    /// It cannot be reached or opened.
    #[error("the database cannot be opened: {0}")]
    Unavailable(String),
    /// A later release of this program has migrated it.
    #[error("a later release has migrated the database (to {0}), this one is too old for it")]
    NewerSchema(String),
    /// The program was linked with a SQLite that can corrupt databases (WAL-reset race, fixed in 3.51.3).
    #[error("SQLite {0} is too old: 3.51.3 or later is needed")]
    OldSqlite(String),
}

impl From<CannotConnect> for OpenError {
    fn from(error: CannotConnect) -> Self {
        Self::Unavailable(error.to_string())
    }
}

/// The readers of a SQLite database: more than the cores of a small machine would only take turns.
const SQLITE_READERS: u32 = 4;
/// How every SQLite file begins (SQLite's "Database File Format", section 1.3).
const SQLITE_MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// The part of the header that ends with the application id.
const SQLITE_HEADER: usize = 72;
/// The first version without the WAL-reset race.
const OLDEST_SQLITE: [u32; 3] = [3, 51, 3];

impl Store {
    /// Opens a database, whatever its schema is, unless a later release has migrated it.
    ///
    /// Blocks, for some seconds if a server does not answer: it belongs to a program's start.
    pub fn open(url: &DatabaseUrl, options: StoreOptions) -> Result<Self, OpenError> {
        let tally = Arc::new(Tally::default());
        let db = match url.target() {
            Target::Sqlite(path) => {
                if !options.create && !path.exists() {
                    return Err(OpenError::NotFound(path.display().to_string()));
                }
                let no_file =
                    |error: std::io::Error| OpenError::Unavailable(format!("{}: {error}", path.display()));
                let take = || {
                    let lock = lock::try_lock(path).map_err(no_file)?;
                    lock.ok_or_else(|| OpenError::Locked(path.display().to_string()))
                };
                // Where a lock's file is, a database of ours was: it is touched only under the lock, since closing any
                // descriptor of it would drop the locks that SQLite holds in this process. Elsewhere none is made
                // before the file is known to be ours.
                let held = if lock::was_taken(path).map_err(no_file)? { Some(take()?) } else { None };
                refuse_foreign_file(path)?;
                let lock = held.map_or_else(take, Ok)?;
                backups::remove_left_over(path).map_err(no_file)?;
                files::create_private(path).map_err(no_file)?;
                if path.metadata().map_err(no_file)?.len() == 0 {
                    mark(path)?;
                }
                let mut connection = connect(url, Role::Writing)?;
                refuse(&mut connection)?;
                let again = url.clone();
                let reconnect = move || {
                    connect(&again, Role::Writing).map_err(|error| StoreError::Unavailable(error.to_string()))
                };
                let writer = Writer::start(connection, reconnect, lock, Arc::clone(&tally));
                Db::new(pool(url, SQLITE_READERS, Role::Serving), Some(writer.map_err(no_file)?), tally)
            }
            Target::Postgres(_) => {
                let mut connection = connect(url, Role::Maintenance)?;
                refuse_foreign(&mut connection, url)?;
                refuse(&mut connection)?;
                Db::new(pool(url, options.postgres_connections.max(1), Role::Serving), None, tally)
            }
        };
        Ok(Self { url: url.clone(), db, copying: Arc::default() })
    }

    /// The names of the migrations that the database lacks, in order. Changes nothing. Blocks.
    pub fn pending_migrations(&self) -> Result<Vec<String>, StoreError> {
        self.maintain(|connection| migrate::pending(connection).map_err(|error| store_error(&error)))
    }

    /// Applies the pending migrations, all or none, and answers their versions. Of several nodes at the same time one
    /// applies them and the others wait. Blocks.
    pub fn migrate(&self) -> Result<Vec<String>, StoreError> {
        self.maintain(migrate::run)
    }

    /// What is wrong with the data, one line each; nothing, if all is well. Reads the whole database. Blocks.
    pub fn integrity(&self) -> Result<Vec<String>, StoreError> {
        self.maintain(|connection| integrity::check(connection).map_err(|error| store_error(&error)))
    }

    /// From now on this one hears what deeds end, behind each commit and before its answer. The first one stays.
    pub fn tell(&self, listener: Arc<dyn RevocationListener>) {
        self.db.audience.join(listener);
    }

    /// Whether no other process can have this database.
    pub fn has_one_server(&self) -> bool {
        self.url.sqlite_path().is_some()
    }

    /// Finishes what is queued; every later call is `Unavailable`. Blocks until SQLite's writer is through.
    pub fn close(&self) {
        self.db.close();
    }

    fn maintain<T>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut connection = connect(&self.url, Role::Maintenance)
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        work(&mut connection)
    }
}

/// Looks at the file, if there is one, before anything is made beside it or changed in it. Only its header is read:
/// to open it as a database could recover or check-point it, and it may be another program's.
pub(crate) fn refuse_foreign_file(path: &Path) -> Result<(), OpenError> {
    let foreign = || OpenError::Foreign(path.display().to_string());
    let unreadable = |error: std::io::Error| OpenError::Unavailable(format!("{}: {error}", path.display()));
    let metadata = match path.metadata() {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(unreadable(error)),
    };
    if !metadata.is_file() {
        return Err(foreign());
    }
    if metadata.len() == 0 {
        return Ok(());
    }
    let mut header = [0; SQLITE_HEADER];
    match File::open(path).and_then(|mut file| file.read_exact(&mut header)) {
        Ok(()) if header.starts_with(SQLITE_MAGIC) && header.ends_with(&APPLICATION_ID) => Ok(()),
        Ok(()) => Err(foreign()),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Err(foreign()),
        Err(error) => Err(unreadable(error)),
    }
}

/// Marks an empty file as ours.
fn mark(path: &Path) -> Result<(), OpenError> {
    let mut connection = manager::connect_unset(path)?;
    native::sqlite::mark(&mut connection)
        .map_err(|error| OpenError::Unavailable(store_error(&error).to_string()))
}

/// A database that has tables, and none of ours, is somebody else's.
fn refuse_foreign(connection: &mut AnyConnection, url: &DatabaseUrl) -> Result<(), OpenError> {
    match native::is_foreign(connection) {
        Ok(false) => Ok(()),
        Ok(true) => Err(OpenError::Foreign(url.describe())),
        Err(error) => Err(OpenError::Unavailable(store_error(&error).to_string())),
    }
}

/// Refuses what is too new, and a library that is too old.
pub(crate) fn refuse(connection: &mut AnyConnection) -> Result<(), OpenError> {
    let unavailable = |error: diesel::result::Error| OpenError::Unavailable(store_error(&error).to_string());
    if let AnyConnection::Sqlite(connection) = connection {
        let version = native::sqlite::version(connection).map_err(unavailable)?;
        if !is_at_least(&version, OLDEST_SQLITE) {
            return Err(OpenError::OldSqlite(version));
        }
    }
    match migrate::unknown(connection).map_err(unavailable)? {
        None => Ok(()),
        Some(version) => Err(OpenError::NewerSchema(version)),
    }
}

/// Whether a version such as `3.53.2` is `oldest` or later.
fn is_at_least(version: &str, oldest: [u32; 3]) -> bool {
    let parts: Vec<u32> = version.split('.').map_while(|part| part.parse().ok()).collect();
    parts.as_slice() >= oldest.as_slice()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_number() {
        for version in ["3.51.3", "3.53.2", "3.100.0", "4.0.0"] {
            assert!(is_at_least(version, OLDEST_SQLITE), "{version}");
        }
        for version in ["3.51.2", "3.9.9", "2.99.99", "3.51", ""] {
            assert!(!is_at_least(version, OLDEST_SQLITE), "{version}");
        }
    }
}
