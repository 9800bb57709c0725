//! Keys in memory.

use async_trait::async_trait;
use keyward_domain::audit::AuditEvent;
use keyward_domain::ids::KeyId;
use keyward_domain::keys::{KeyCredential, KeyHandle, KeyState, KeyStore, RevocationReason};
use keyward_domain::revocations::Subject;
use keyward_domain::store::StoreError;
use keyward_domain::time::Instant;

use super::MemoryStore;

#[async_trait]
impl KeyStore for MemoryStore {
    async fn find_credential(&self, handle: KeyHandle) -> Result<Option<KeyCredential>, StoreError> {
        self.step("KeyStore::find_credential", |state| {
            let Some(key) = state.key_by_handle(handle) else {
                return Ok(None);
            };
            let owner = state.account_standing(key.account);
            let account = owner.ok_or_else(|| StoreError::Corrupt("a key without an account".to_owned()))?;
            let agent = key.binding.agent().and_then(|id| state.agent_standing(key.account, id));
            Ok(Some(KeyCredential { key: key.clone(), account, agent }))
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
