//! The deployment: the one database that one master key belongs to.

use async_trait::async_trait;

use crate::secret::Digest;
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

/// Port: which master key the database belongs to.
///
/// Security: with another master key no key would verify and no signing key would open; the server refuses to
/// start rather than to find that out request by request, or worse, to make new ones.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait DeploymentStore: Send + Sync {
    /// A fingerprint of the master key that the database was founded with; `None` for an empty database, also
    /// for one without a schema. A database that holds anything and no fingerprint is `Corrupt`: somebody lost it.
    async fn master_key_fingerprint(&self) -> Result<Option<Digest>, StoreError>;

    /// Writes the fingerprint of an empty database's master key. Of several at the same time one succeeds.
    async fn found(&self, master_key_fingerprint: Digest) -> Result<(), FoundDeploymentError>;
}
