//! Port: the log of revocations, for servers that start and for servers that run side by side.

use async_trait::async_trait;

use super::{Revocation, RevocationNumber, RevokedToken};
use crate::audit::AuditEvent;
use crate::store::StoreError;
use crate::time::Instant;

/// How far the log reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogHead {
    /// The last revocation's number.
    pub last: RevocationNumber,
    /// Revocations up to this number are no longer there to be read one by one.
    pub forgotten: RevocationNumber,
}

/// Port: the log of revocations. The rules of [`crate::store`] hold.
///
/// The deeds that end something write to it themselves, in their own transaction and as its last statement, so that
/// numbers become visible in their order: a reader that has seen a number will not find a smaller one later.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait RevocationLog: Send + Sync {
    /// How far the log reaches now.
    async fn head(&self) -> Result<LogHead, StoreError>;

    /// At most `limit` revocations with a number above `after`, in their order.
    async fn after(&self, after: RevocationNumber, limit: u16) -> Result<Vec<Revocation>, StoreError>;

    /// Every token that was revoked and has not expired by `now`, in no order.
    async fn revoked_tokens(&self, now: Instant) -> Result<Vec<RevokedToken>, StoreError>;

    /// Ends one token. `false`, and nothing is written, if it was ended before: of any number at the same time
    /// exactly one is `true`.
    async fn revoke_token(&self, token: RevokedToken, event: AuditEvent) -> Result<bool, StoreError>;

    /// Forgets revocations up to this number, less those of tokens that have not expired by `now`.
    ///
    /// No deed of anybody's: it takes no event. It may take several steps, the head first: whoever reads in between
    /// finds that the log was cut, and never a gap that the head does not tell of.
    async fn forget(&self, up_to: RevocationNumber, now: Instant) -> Result<(), StoreError>;
}
