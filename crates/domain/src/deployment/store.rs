//! Port: keeping the deployment and its slots.

use async_trait::async_trait;

use super::{Deployment, Exchange, Fingerprint, Slot};
use crate::audit::AuditEvent;
use crate::store::StoreError;

/// Why the deployment was not founded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FoundDeploymentError {
    /// It was founded already, perhaps by another node a moment ago.
    #[error("the database belongs to a deployment already")]
    AlreadyFounded,
    /// The store could not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why the slots did not change.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChangeSlotsError {
    /// They do not stand as they should: somebody else was faster.
    #[error("the slots have changed already")]
    AlreadyChanged,
    /// The store could not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The one key beside which another gets its slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OldSlot {
    /// It has its slot.
    Written(Fingerprint),
    /// No slot was ever written: it gets its own with the other's.
    Unwritten(Slot),
}

/// Port: keeps the deployment. The rules of [`crate::store`] hold.
///
/// Security: with another root secret no key would verify and no signing key would open; the server refuses to start
/// rather than to find that out request by request, or worse, to make new ones. So no slot ever goes without another
/// that stays.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait DeploymentStore: Send + Sync {
    /// The deployment, as of one moment; `None` for an empty database, also for one without a schema. A database
    /// that holds anything and belongs to no deployment is `Corrupt`: somebody lost it.
    async fn deployment(&self) -> Result<Option<Deployment>, StoreError>;

    /// Founds an empty database: it has this root secret from now on, which this one slot opens. Of several at the
    /// same time one succeeds.
    async fn found(&self, root: Fingerprint, slot: Slot) -> Result<(), FoundDeploymentError>;

    /// Adds a second slot, the current one from now on, beside the only one, which is superseded by it. Of several at
    /// the same time exactly one succeeds; unless the old one stands alone, nothing changes.
    async fn add_slot(&self, old: OldSlot, next: Slot, event: AuditEvent) -> Result<(), ChangeSlotsError>;

    /// Drops the superseded slot of these two. Unless they are the two, nothing changes.
    async fn drop_superseded(&self, exchange: Exchange, event: AuditEvent) -> Result<(), ChangeSlotsError>;

    /// Drops the current slot of these two; the other one is current again. Unless they are the two, nothing changes.
    async fn drop_current(&self, exchange: Exchange, event: AuditEvent) -> Result<(), ChangeSlotsError>;
}
