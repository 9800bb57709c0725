//! Ports: keeps what was answered, and seals it.

use async_trait::async_trait;

use super::{IdempotencyKey, IdempotencyRecord};
use crate::secret::{Digest, Secret, Unsealable};
use crate::store::StoreError;
use crate::time::Instant;

/// Port: keeps what was answered. The rules of [`crate::store`] hold.
///
/// Records are written by the deeds that they are of: each port method that makes or rotates something takes one, and
/// writes it first, in its own transaction. One whose `lookup` is taken already, and not expired, refuses the deed.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait IdempotencyStore: Send + Sync {
    /// The record that is found by this and has not expired by `now`.
    async fn find(&self, lookup: Digest, now: Instant) -> Result<Option<IdempotencyRecord>, StoreError>;

    /// Deletes the records that have expired by then. That is upkeep, and no deed that a trail is about.
    async fn forget(&self, expired_by: Instant) -> Result<(), StoreError>;
}

/// Port: the MACs by which records are found, and the seal that they are under.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait IdempotencySealer: Send + Sync {
    /// HMAC-SHA-256 of these bytes under a key that serves nothing else.
    fn mac(&self, bytes: &[u8]) -> Digest;

    /// Encrypts `plain` under a key that derives from the deployment's and the client's together, bound to `context`.
    fn seal(&self, key: &IdempotencyKey, plain: &[u8], context: &[u8]) -> Vec<u8>;

    /// Decrypts what [`seal`](Self::seal) made with the same key and context.
    fn open(
        &self,
        key: &IdempotencyKey,
        sealed: &[u8],
        context: &[u8],
    ) -> Result<Secret<Vec<u8>>, Unsealable>;
}
