//! The outbox in memory.

use async_trait::async_trait;
use keyward_domain::audit::AuditEvent;
use keyward_domain::ids::MailId;
use keyward_domain::mail::{AddressNotice, Outbox, OutboxDepth, OutboxEntry};
use keyward_domain::store::StoreError;
use keyward_domain::time::Instant;

use super::MemoryStore;

#[async_trait]
impl Outbox for MemoryStore {
    async fn enqueue(&self, entry: OutboxEntry) -> Result<(), StoreError> {
        self.step("Outbox::enqueue", |state| {
            state.outbox.insert(entry.id, entry);
            Ok(())
        })
    }

    async fn claim(&self, now: Instant, until: Instant, limit: u16) -> Result<Vec<OutboxEntry>, StoreError> {
        self.step("Outbox::claim", |state| {
            let mut due: Vec<_> = state.outbox.values_mut().filter(|entry| entry.due_at <= now).collect();
            due.sort_by_key(|entry| (entry.due_at, entry.id));
            due.truncate(limit.into());
            let claim = |entry: &mut OutboxEntry| {
                entry.due_at = until;
                entry.clone()
            };
            Ok(due.into_iter().map(claim).collect())
        })
    }

    async fn done(&self, id: MailId) -> Result<bool, StoreError> {
        self.step("Outbox::done", |state| Ok(state.outbox.remove(&id).is_some()))
    }

    async fn postpone(&self, claimed: &OutboxEntry, due_at: Instant) -> Result<bool, StoreError> {
        self.step("Outbox::postpone", |state| {
            let Some(entry) = state.outbox.get_mut(&claimed.id).filter(|entry| *entry == claimed) else {
                return Ok(false);
            };
            entry.attempts += 1;
            entry.due_at = due_at;
            Ok(true)
        })
    }

    async fn abandon(&self, id: MailId, event: AuditEvent) -> Result<bool, StoreError> {
        self.step("Outbox::abandon", |state| {
            if state.outbox.remove(&id).is_none() {
                return Ok(false);
            }
            state.audit.push(event);
            Ok(true)
        })
    }

    async fn note_address_in_use(
        &self,
        notice: AddressNotice,
        event: AuditEvent,
    ) -> Result<bool, StoreError> {
        self.step("Outbox::note_address_in_use", |state| {
            let is_due = state
                .address_notices
                .get(&notice.account)
                .is_none_or(|(mail, at)| *mail == notice.mail || *at <= notice.unless_since);
            if !is_due || !state.accounts.contains_key(&notice.account) {
                return Ok(false);
            }
            state.address_notices.insert(notice.account, (notice.mail, notice.at));
            state.audit.push(event);
            Ok(true)
        })
    }

    async fn depth(&self) -> Result<OutboxDepth, StoreError> {
        self.step("Outbox::depth", |state| {
            let oldest = state.outbox.values().map(|entry| entry.created_at).min();
            Ok(OutboxDepth { count: state.outbox.len() as u64, oldest })
        })
    }
}
