//! Port: where a server keeps the master key that it runs by, and the next one.

use async_trait::async_trait;

use super::{Fingerprint, WrappedRoot};

/// Why the place where keys are kept cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// The next key is not there, or is another one.
    #[error("the next master key is not where it was put: {0}")]
    NotThere(String),
    /// What stands in the place of the next key is no key that may be used.
    #[error("{0}")]
    Unusable(String),
    /// The machine refused.
    #[error("{0}")]
    Machine(String),
}

/// How a new key takes over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakeOver {
    /// The server does it: it alone serves the database, and keeps its key itself.
    AtOnce,
    /// Somebody gives the new key to each server and starts it again.
    ByRestart,
}

/// A master key that waits to take over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextKey {
    /// What it opens: the root secret of this deployment.
    pub wrapped: WrappedRoot,
    /// Where it is, for a person.
    pub place: String,
}

/// Port: keeps the master key that this server runs by, and the next one.
///
/// Security: no master key and no root secret passes this port, only what is sealed and what names a key.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait MasterKeyVault: Send + Sync {
    /// Names the key that this server runs by.
    fn running(&self) -> Fingerprint;

    /// The root secret, wrapped under that key.
    fn wrapped(&self) -> WrappedRoot;

    /// How a new key takes over here.
    fn take_over_is(&self) -> TakeOver;

    /// The key that waits, if one does.
    async fn next(&self) -> Result<Option<NextKey>, VaultError>;

    /// The key that waits. Where none does, one is made, and is durable when this returns.
    async fn next_or_new(&self) -> Result<NextKey, VaultError>;

    /// Puts the next key in the place of the one that this server runs by, durably, and keeps the old one aside:
    /// backups need it. May be repeated.
    async fn take_over(&self, exchange: super::Exchange) -> Result<(), VaultError>;

    /// Removes the next key if it is this one.
    async fn discard(&self, next: Fingerprint) -> Result<(), VaultError>;
}
