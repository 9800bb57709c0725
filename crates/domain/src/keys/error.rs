//! What can go wrong with keys.

use crate::accounts::AccountInactive;
use crate::store::StoreError;

/// Why a key does not authenticate a request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthenticateKeyError {
    /// It is malformed, unknown, or its secret is wrong: one answer for all.
    #[error("no such key")]
    UnknownKey,
    /// It was a good key once. Said only to those who know its secret.
    #[error("the key is revoked")]
    KeyRevoked,
    /// Its agent has ended. Said only to those who know its secret.
    #[error("the key's agent is archived")]
    AgentArchived,
    /// Its account may not act. Said only to those who know its secret.
    #[error(transparent)]
    Account(#[from] AccountInactive),
    /// The store could not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a key was not revoked. Nothing was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RevokeKeyError {
    /// No key has this id.
    #[error("no such key")]
    UnknownKey,
    /// The store could not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}
