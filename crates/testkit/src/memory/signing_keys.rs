//! Signing keys in memory.

use async_trait::async_trait;
use keyward_domain::audit::AuditEvent;
use keyward_domain::revocations::Subject;
use keyward_domain::store::StoreError;
use keyward_domain::tokens::{
    ActivateSigningKeyError, HandOver, HandOverEvents, KeyThumbprint, MoveSigningKeyError,
    PublishSigningKeyError, SigningKey, SigningKeyState, SigningKeyStore,
};

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

    async fn activate_first(
        &self,
        key: SigningKey,
        event: AuditEvent,
    ) -> Result<(), ActivateSigningKeyError> {
        self.end("SigningKeyStore::activate_first", |state| {
            if state.signing_keys.iter().any(|kept| kept.algorithm == key.algorithm && kept.is_active()) {
                return Err(ActivateSigningKeyError::AlreadyActive);
            }
            state.signing_keys.push(key);
            state.audit.push(event);
            Ok(((), vec![Subject::SigningKeys]))
        })
    }

    async fn publish(&self, key: SigningKey, event: AuditEvent) -> Result<(), PublishSigningKeyError> {
        self.end("SigningKeyStore::publish", |state| {
            if state.signing_keys.iter().any(|kept| kept.algorithm == key.algorithm && kept.is_published()) {
                return Err(PublishSigningKeyError::AlreadyPublished);
            }
            state.signing_keys.push(key);
            state.audit.push(event);
            Ok(((), vec![Subject::SigningKeys]))
        })
    }

    async fn hand_over(
        &self,
        hand_over: HandOver,
        events: HandOverEvents,
    ) -> Result<(), MoveSigningKeyError> {
        self.end("SigningKeyStore::hand_over", |state| {
            let HandOver { algorithm, from, to, at } = hand_over;
            let keys = &mut state.signing_keys;
            let place = |kid: &KeyThumbprint, stands: fn(&SigningKey) -> bool| {
                keys.iter().position(|key| key.kid == *kid && key.algorithm == algorithm && stands(key))
            };
            let active = place(&from, SigningKey::is_active).ok_or(MoveSigningKeyError::AlreadyDone)?;
            let next = place(&to, SigningKey::is_published).ok_or(MoveSigningKeyError::AlreadyDone)?;
            keys[active].state = SigningKeyState::Retired { since: at };
            keys[next].state = SigningKeyState::Active { since: at };
            state.audit.extend([events.retired, events.activated]);
            Ok(((), vec![Subject::SigningKeys]))
        })
    }

    async fn delete(&self, kid: KeyThumbprint, event: AuditEvent) -> Result<(), MoveSigningKeyError> {
        self.end("SigningKeyStore::delete", |state| {
            let before = state.signing_keys.len();
            state.signing_keys.retain(|key| key.kid != kid || key.is_active());
            if state.signing_keys.len() == before {
                return Err(MoveSigningKeyError::AlreadyDone);
            }
            state.audit.push(event);
            Ok(((), vec![Subject::SigningKeys]))
        })
    }
}
