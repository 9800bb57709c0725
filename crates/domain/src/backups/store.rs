//! Port: copies of the whole database.

use async_trait::async_trait;

use crate::audit::AuditEvent;
use crate::store::StoreError;

/// Why no copy is begun.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BeginBackupError {
    /// Another one is being made.
    #[error("a backup is being made already")]
    UnderWay,
    /// This database is copied by its own tools.
    #[error("this database is backed up by its own tools")]
    ItsOwnTools,
    /// The store could not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Port: copies the whole database while it serves. The rules of [`crate::store`] hold.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait BackupStore: Send + Sync {
    /// Begins a copy of what is in the database now: all that was acknowledged before is in it, each deed whole, and
    /// nothing that comes after. Readers and writers are not held up. There is one copy at a time.
    ///
    /// `event` is committed when the copy is whole and was looked over, before anybody gets a byte of it; a copy that
    /// comes to nothing leaves none.
    async fn begin(&self, event: AuditEvent) -> Result<Box<dyn DatabaseCopy>, BeginBackupError>;
}

/// A copy that was begun. Whoever drops it needs it no longer: nothing of it stays.
#[async_trait]
pub trait DatabaseCopy: Send {
    /// The next piece of the copy, from its first byte to its last; `None` behind that. The first one waits until the
    /// copy is whole, however long that takes.
    async fn next(&mut self) -> Result<Option<Vec<u8>>, StoreError>;
}
