//! Ports: making the keys that sign tokens, and keeping them.

use async_trait::async_trait;

use super::{KeyThumbprint, SigningAlgorithm, SigningKey};
use crate::audit::AuditEvent;
use crate::store::StoreError;
use crate::time::Instant;

/// Why a signing key was not kept as its algorithm's first.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ActivateSigningKeyError {
    /// Another node has activated one for this algorithm: use that one.
    #[error("the algorithm has an active key")]
    AlreadyActive,
    /// The store could not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a signing key was not kept as its algorithm's next.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PublishSigningKeyError {
    /// The algorithm has a next key already: use that one.
    #[error("the algorithm has a published key")]
    AlreadyPublished,
    /// The store could not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a signing key did not go on to its next state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoveSigningKeyError {
    /// It is not in the state that it should go on from: somebody else was faster.
    #[error("the signing key has moved on already")]
    AlreadyDone,
    /// The store could not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// One key of an algorithm takes over from another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandOver {
    /// The algorithm of both.
    pub algorithm: SigningAlgorithm,
    /// The active key, which retires.
    pub from: KeyThumbprint,
    /// The published key, which becomes active.
    pub to: KeyThumbprint,
    /// When.
    pub at: Instant,
}

/// The events of a hand-over, which commit with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandOverEvents {
    /// That the one has retired.
    pub retired: AuditEvent,
    /// That the other came into use.
    pub activated: AuditEvent,
}

/// Port: keeps signing keys. The rules of [`crate::store`] hold.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait SigningKeyStore: Send + Sync {
    /// All keys, as of one moment, oldest first; those that were made in one moment by `kid`. An algorithm that
    /// ever had an active key has one in every answer.
    async fn all(&self) -> Result<Vec<SigningKey>, StoreError>;

    /// Keeps a key, which must be active, as the first of its algorithm. Of several at the same time exactly one
    /// succeeds.
    async fn activate_first(&self, key: SigningKey, event: AuditEvent)
    -> Result<(), ActivateSigningKeyError>;

    /// Keeps a key, which must be published, as the next of its algorithm. Of several at the same time exactly one
    /// succeeds, and there is no second one until the first is active or deleted.
    async fn publish(&self, key: SigningKey, event: AuditEvent) -> Result<(), PublishSigningKeyError>;

    /// The active key retires and the published one becomes active, both at once. Of several at the same time
    /// exactly one succeeds. Unless both are in these states and of this algorithm, nothing changes.
    async fn hand_over(&self, hand_over: HandOver, events: HandOverEvents)
    -> Result<(), MoveSigningKeyError>;

    /// Deletes a key that does not sign: a retired one, or a published one before its time. Of several at the same
    /// time exactly one succeeds. An active key is never deleted.
    async fn delete(&self, kid: KeyThumbprint, event: AuditEvent) -> Result<(), MoveSigningKeyError>;
}

/// A key pair fresh from the press.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewKeyPair {
    /// Names it.
    pub kid: KeyThumbprint,
    /// Its private half, sealed.
    pub sealed: Vec<u8>,
}

/// The machine could not make a key pair for this algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no {0} key could be made")]
pub struct KeyNotMade(pub SigningAlgorithm);

/// Port: makes key pairs.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait SigningKeyMaker: Send + Sync {
    /// A new key pair, no two alike. Takes some tenths of a second with RS256, and blocks nobody meanwhile.
    async fn make(&self, algorithm: SigningAlgorithm) -> Result<NewKeyPair, KeyNotMade>;
}
