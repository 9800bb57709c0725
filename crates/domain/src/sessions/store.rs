//! Port: keeps sessions.

use async_trait::async_trait;

use super::Session;
use crate::accounts::{Account, Rehash};
use crate::audit::AuditEvent;
use crate::ids::SessionId;
use crate::secret::Digest;
use crate::store::StoreError;
use crate::time::Instant;

/// A session that begins, and what is written with it.
#[derive(Debug, Clone)]
pub struct SessionStart {
    /// The session.
    pub session: Session,
    /// A fresh hash of the password in place of an outdated one.
    pub rehash: Option<Rehash>,
    /// The session that the browser showed and that this one takes the place of.
    pub replaced: Option<Digest>,
}

/// Port: keeps sessions. The rules of [`crate::store`] hold.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait SessionStore: Send + Sync {
    /// Writes a new session and its login's event, deletes the one that it replaces, whosever that was, and puts the
    /// fresh hash in place; one whose `from` is no longer stored is dropped. `false`, and nothing is written, if the
    /// account is not active or no longer in the session's epoch.
    async fn begin(&self, start: SessionStart, event: AuditEvent) -> Result<bool, StoreError>;

    /// The session of this digest, however it stands, with its account.
    async fn find(&self, digest: Digest) -> Result<Option<(Session, Account)>, StoreError>;

    /// Notes that a session was used; never an earlier moment than is noted already. That is no deed that a trail is
    /// about.
    async fn touch(&self, id: SessionId, at: Instant) -> Result<(), StoreError>;

    /// Deletes a session. `false`, and nothing is written, if there is none: of any number at the same time exactly one
    /// is `true`.
    async fn end(&self, id: SessionId, event: AuditEvent) -> Result<bool, StoreError>;

    /// Deletes the sessions that are over by `now`, and those that were not used since `idle_since`. That is upkeep.
    async fn forget(&self, now: Instant, idle_since: Instant) -> Result<(), StoreError>;
}
