//! Keys in memory.

use async_trait::async_trait;
use keyward_domain::audit::AuditEvent;
use keyward_domain::ids::KeyId;
use keyward_domain::keys::{KeyState, KeyStore, RevocationReason};
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
