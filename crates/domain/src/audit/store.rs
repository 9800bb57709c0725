//! Port: reading the audit trail. Writing happens in the ports of the deeds.

use async_trait::async_trait;

use super::AuditEvent;
use crate::ids::{AccountId, AuditEventId};
use crate::store::StoreError;
use crate::time::Instant;

/// The place in the trail behind which a page begins: the last event of the page before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditCursor {
    /// That event's moment.
    pub at: Instant,
    /// That event's id: two events of one moment are ordered by it.
    pub id: AuditEventId,
}

/// Port: reads the audit trail. The rules of [`crate::store`] hold.
///
/// The order is by moment, then by id: it tells when, not what caused what. Two deeds of one microsecond stand in
/// either order, and a clock that steps back reorders those around the step.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait AuditStore: Send + Sync {
    /// At most `limit` events, newest first, of one account or of all, beginning behind `after`.
    async fn page(
        &self,
        account: Option<AccountId>,
        after: Option<AuditCursor>,
        limit: u16,
    ) -> Result<Vec<AuditEvent>, StoreError>;
}
