//! Port: keeps keys.

use async_trait::async_trait;

use super::{KeyCursor, KeySummary, RevocationReason};
use crate::audit::AuditEvent;
use crate::ids::{AccountId, KeyId};
use crate::store::StoreError;
use crate::time::Instant;

/// Port: keeps keys. The rules of [`crate::store`] hold.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait KeyStore: Send + Sync {
    /// Writes down when keys were last used: each moment counts unless a later one is stored. Keys that are gone are
    /// passed over.
    ///
    /// No deed of anybody's, and one for every check: it takes no event.
    async fn record_use(&self, used: Vec<(KeyId, Instant)>) -> Result<(), StoreError>;

    /// The key of this id, whatever its state.
    async fn find(&self, id: KeyId) -> Result<Option<KeySummary>, StoreError>;

    /// At most `limit` keys, newest first, those of one moment by their ids, the greatest first; of one account,
    /// those of its agents too, or of all; beginning behind `after`.
    async fn page(
        &self,
        account: Option<AccountId>,
        after: Option<KeyCursor>,
        limit: u16,
    ) -> Result<Vec<KeySummary>, StoreError>;

    /// Revokes a key that is active. `false`, and nothing is written, if it is unknown or revoked already: of
    /// any number of revocations at the same time exactly one is `true`.
    async fn revoke(
        &self,
        id: KeyId,
        at: Instant,
        reason: RevocationReason,
        event: AuditEvent,
    ) -> Result<bool, StoreError>;
}
