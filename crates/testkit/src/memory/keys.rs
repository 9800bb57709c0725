//! Keys in memory.

use async_trait::async_trait;
use keyward_domain::audit::AuditEvent;
use keyward_domain::ids::{AccountId, KeyId};
use keyward_domain::keys::{ApiKey, KeyCursor, KeyState, KeyStore, KeySummary, RevocationReason};
use keyward_domain::revocations::Subject;
use keyward_domain::store::StoreError;
use keyward_domain::time::Instant;

use super::MemoryStore;

#[async_trait]
impl KeyStore for MemoryStore {
    async fn record_use(&self, used: Vec<(KeyId, Instant)>) -> Result<(), StoreError> {
        self.step("KeyStore::record_use", |state| {
            for (id, at) in used {
                if let Some(key) = state.keys.get_mut(&id) {
                    key.last_used_at = key.last_used_at.max(Some(at));
                }
            }
            Ok(())
        })
    }

    async fn find(&self, id: KeyId) -> Result<Option<KeySummary>, StoreError> {
        self.step("KeyStore::find", |state| Ok(state.keys.get(&id).map(KeySummary::from)))
    }

    async fn page(
        &self,
        account: Option<AccountId>,
        after: Option<KeyCursor>,
        limit: u16,
    ) -> Result<Vec<KeySummary>, StoreError> {
        self.step("KeyStore::page", |state| {
            let is_asked_for = |key: &&ApiKey| account.is_none_or(|account| key.account == account);
            let is_behind = |key: &&ApiKey| {
                after.is_none_or(|last| (key.created_at, key.id) < (last.created_at, last.id))
            };
            let mut page: Vec<_> =
                state.keys.values().filter(is_asked_for).filter(is_behind).map(KeySummary::from).collect();
            page.sort_by_key(|key| std::cmp::Reverse((key.created_at, key.id)));
            page.truncate(limit.into());
            Ok(page)
        })
    }

    async fn revoke(
        &self,
        id: KeyId,
        at: Instant,
        reason: RevocationReason,
        event: AuditEvent,
    ) -> Result<bool, StoreError> {
        self.end("KeyStore::revoke", |state| {
            let Some(key) = state.keys.get_mut(&id).filter(|key| key.state == KeyState::Active) else {
                return Ok((false, Vec::new()));
            };
            key.state = KeyState::Revoked { at, reason };
            state.audit.push(event);
            Ok((true, vec![Subject::Key(id)]))
        })
    }
}
