//! Why a master key was not rotated.

use super::VaultError;
use crate::store::StoreError;

/// The master key that a server runs by opens nothing any more. It goes on serving, but must be started anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this server runs by a master key that is retired")]
pub struct MasterKeyRetired;

/// Why a rotation of the master key did not go on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RotateMasterKeyError {
    /// Two keys open the database already, or another request is about to see to it.
    #[error("a rotation of the master key is under way")]
    UnderWay,
    /// The old key cannot be dropped: the server that is asked runs by it.
    #[error("this server still runs by the old master key")]
    RunsByTheOldKey,
    /// The new key cannot be dropped: the server that is asked runs by it.
    #[error("this server runs by the new master key already")]
    RunsByTheNewKey,
    /// The place for a new key is where the running one is kept.
    #[error("{0} holds the master key that this server runs by")]
    PlaceTaken(String),
    /// The key that this server runs by opens nothing any more.
    #[error(transparent)]
    Retired(#[from] MasterKeyRetired),
    /// The place where keys are kept cannot be used.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The store could not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}
