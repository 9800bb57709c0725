//! The audit trail in memory.

use async_trait::async_trait;
use keyward_domain::audit::{AuditCursor, AuditEvent, AuditStore};
use keyward_domain::ids::AccountId;
use keyward_domain::store::StoreError;

use super::MemoryStore;

#[async_trait]
impl AuditStore for MemoryStore {
    async fn page(
        &self,
        account: Option<AccountId>,
        after: Option<AuditCursor>,
        limit: u16,
    ) -> Result<Vec<AuditEvent>, StoreError> {
        self.step("AuditStore::page", |state| {
            let concerns = |event: &&AuditEvent| account.is_none() || event.account == account;
            let is_behind =
                |event: &&AuditEvent| after.is_none_or(|last| (event.at, event.id) < (last.at, last.id));
            let mut page: Vec<_> = state.audit.iter().filter(concerns).filter(is_behind).cloned().collect();
            page.sort_by_key(|event| std::cmp::Reverse((event.at, event.id)));
            page.truncate(limit.into());
            Ok(page)
        })
    }
}
