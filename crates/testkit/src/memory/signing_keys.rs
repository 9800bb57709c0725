//! Signing keys in memory.

use async_trait::async_trait;
use keyward_domain::audit::AuditEvent;
use keyward_domain::revocations::Subject;
use keyward_domain::store::StoreError;
use keyward_domain::tokens::{ActivateSigningKeyError, SigningKey, SigningKeyStore};

use super::MemoryStore;

#[async_trait]
impl SigningKeyStore for MemoryStore {
    async fn all(&self) -> Result<Vec<SigningKey>, StoreError> {
        self.step("SigningKeyStore::all", |state| {
            let mut keys = state.signing_keys.clone();
            keys.sort_by(|one, other| {
                (one.created_at, one.kid.as_str()).cmp(&(other.created_at, other.kid.as_str()))
            });
            Ok(keys)
        })
    }

    async fn activate(&self, key: SigningKey, event: AuditEvent) -> Result<(), ActivateSigningKeyError> {
        self.end("SigningKeyStore::activate", |state| {
            if state.signing_keys.iter().any(|kept| kept.algorithm == key.algorithm) {
                return Err(ActivateSigningKeyError::AlreadyActive);
            }
            state.signing_keys.push(key);
            state.audit.push(event);
            Ok(((), vec![Subject::SigningKeys]))
        })
    }
}
