//! What is kept of a request that may be repeated, and what its answer says.

use std::ops::Deref;
use std::time::Duration;

use crate::ids::{AccountId, RequestId};
use crate::secret::Digest;
use crate::time::Instant;

/// What is kept of a request that may be repeated.
///
/// Security: nothing here opens without the client's key, which is kept nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyRecord {
    /// By what it is found.
    pub lookup: Digest,
    /// What tells the body from another.
    pub body: Digest,
    /// Whose deed it was: the record goes with the account.
    pub account: AccountId,
    /// What came of it, sealed.
    pub sealed: Vec<u8>,
    /// When it was done.
    pub created_at: Instant,
    /// From when on the key stands for nothing.
    pub expires_at: Instant,
}

impl IdempotencyRecord {
    /// For how long a request may be repeated.
    pub const LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);
}

/// What came of a request, whether it was made now or before.
#[derive(Debug)]
pub struct Answered<T> {
    /// What came of it.
    pub outcome: T,
    /// When it was done.
    pub at: Instant,
    /// The request that did it.
    pub request_id: RequestId,
}

impl<T> Deref for Answered<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.outcome
    }
}
