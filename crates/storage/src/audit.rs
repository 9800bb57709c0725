//! The audit trail on either database: appended to with each deed, read newest first.

use async_trait::async_trait;
use diesel::prelude::*;
use keyward_domain::audit::{AuditCursor, AuditEvent, AuditStore};
use keyward_domain::ids::AccountId;
use keyward_domain::store::StoreError;

use crate::Store;
use crate::connection::{AnyConnection, MultiBackend};
use crate::error::Abort;
use crate::rows::AuditEventRow;
use crate::schema::audit_events;
use crate::types::{StoredId, StoredInstant};

#[async_trait]
impl AuditStore for Store {
    async fn page(
        &self,
        account: Option<AccountId>,
        after: Option<AuditCursor>,
        limit: u16,
    ) -> Result<Vec<AuditEvent>, StoreError> {
        self.db
            .read(move |connection| {
                let mut page = audit_events::table
                    .select(AuditEventRow::as_select())
                    .order((audit_events::at.desc(), audit_events::id.desc()))
                    .limit(limit.into())
                    .into_boxed::<MultiBackend>();
                if let Some(account) = account {
                    page = page.filter(audit_events::account_id.eq(StoredId::from(account)));
                }
                if let Some(AuditCursor { at, id }) = after {
                    let (at, id) = (StoredInstant::from(at), StoredId::from(id));
                    // The first half alone is what the index is entered by.
                    let is_behind = audit_events::at.lt(at).or(audit_events::id.lt(id));
                    page = page.filter(audit_events::at.le(at).and(is_behind));
                }
                let mut events = Vec::with_capacity(limit.into());
                for row in page.load(connection)? {
                    events.push(AuditEvent::try_from(row)?);
                }
                Ok(events)
            })
            .await
    }
}

/// Writes the event of a deed, in the deed's transaction.
pub(crate) fn append<E>(connection: &mut AnyConnection, event: &AuditEvent) -> Result<(), Abort<E>> {
    diesel::insert_into(audit_events::table).values(AuditEventRow::from(event)).execute(connection)?;
    Ok(())
}
