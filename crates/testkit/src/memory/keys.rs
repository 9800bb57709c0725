//! Keys in memory.

use async_trait::async_trait;
use keyward_domain::audit::AuditEvent;
use keyward_domain::ids::{AccountId, KeyId};
use keyward_domain::keys::{
    ApiKey, CreateKeyRefused, KeyCursor, KeyRotation, KeyState, KeyStatus, KeyStore, KeySummary, KeysThat,
    NewKey, RevocationReason, RotateKeyRefused,
};
use keyward_domain::principal::Owner;
use keyward_domain::revocations::Subject;
use keyward_domain::store::StoreError;
use keyward_domain::time::Instant;

use super::MemoryStore;
use super::agents::active;
use super::state::State;

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
            let is_asked_for = |key: &ApiKey| account.is_none_or(|account| key.account == account);
            Ok(page(state, is_asked_for, after, limit))
        })
    }

    async fn revoke(
        &self,
        id: KeyId,
        at: Instant,
        reason: RevocationReason,
        event: AuditEvent,
    ) -> Result<bool, StoreError> {
        self.end("KeyStore::revoke", |state| Ok(revoke(state, id, KeyState::Revoked { at, reason }, event)))
    }

    async fn find_of(&self, owner: Owner, id: KeyId) -> Result<Option<KeySummary>, StoreError> {
        self.step("KeyStore::find_of", |state| Ok(key_of(state, owner, id).map(KeySummary::from)))
    }

    async fn page_of(
        &self,
        owner: Owner,
        which: KeysThat,
        after: Option<KeyCursor>,
        limit: u16,
    ) -> Result<Vec<KeySummary>, StoreError> {
        self.step("KeyStore::page_of", |state| {
            let is_asked_for = |key: &ApiKey| is_of(key, owner) && which.include(key.state, key.expires_at);
            Ok(page(state, is_asked_for, after, limit))
        })
    }

    async fn count(&self, account: AccountId, at: Instant) -> Result<u32, StoreError> {
        self.step("KeyStore::count", |state| Ok(u32::try_from(count(state, account, at)).unwrap_or(u32::MAX)))
    }

    async fn create(&self, new: NewKey, event: AuditEvent) -> Result<(), CreateKeyRefused> {
        self.step("KeyStore::create", |state| {
            let NewKey { key, most, asker, idempotency } = new;
            if state.is_answered(idempotency.as_ref()) {
                return Err(CreateKeyRefused::Repeated);
            }
            if !state.accounts.contains_key(&key.account) {
                return Err(CreateKeyRefused::OwnerGone);
            }
            if !state.is_let_in(key.account, asker, key.created_at) {
                return Err(CreateKeyRefused::Outdated);
            }
            if count(state, key.account, key.created_at) >= most as usize {
                return Err(CreateKeyRefused::LimitReached);
            }
            if state.key_by_handle(key.handle).is_some() {
                return Err(CreateKeyRefused::HandleTaken);
            }
            state.answered(idempotency);
            state.keys.insert(key.id, key);
            state.audit.push(event);
            Ok(())
        })
    }

    async fn rotate(&self, rotation: KeyRotation, event: AuditEvent) -> Result<(), RotateKeyRefused> {
        self.end("KeyStore::rotate", |state| {
            if state.is_answered(rotation.idempotency.as_ref()) {
                return Err(RotateKeyRefused::Repeated);
            }
            let is_taken = state.key_by_handle(rotation.key.handle).is_some();
            let owner = rotation.owner();
            if !state.accounts.contains_key(&owner.account) {
                return Err(RotateKeyRefused::NotActive);
            }
            let KeyRotation { from, key, at, good_until, asker, idempotency } = rotation;
            let is_let_in = state.is_let_in(owner.account, asker, at);
            let is_it = |old: &&mut ApiKey| is_of(old, owner) && old.status(at) == KeyStatus::Active;
            let agent_ended = key.binding.agent().is_some_and(|id| active(state, owner, id).is_none());
            let old = state.keys.get_mut(&from).filter(is_it).filter(|_| !agent_ended);
            let old = old.ok_or(RotateKeyRefused::NotActive)?;
            if !is_let_in {
                return Err(RotateKeyRefused::Outdated);
            }
            if is_taken {
                return Err(RotateKeyRefused::HandleTaken);
            }
            match good_until {
                Some(end) => {
                    old.state = KeyState::Superseded { at };
                    old.expires_at = Some(old.expires_at.map_or(end, |own| own.min(end)));
                }
                None => old.state = KeyState::Revoked { at, reason: RevocationReason::Rotated },
            }
            if let Some(agent) = key.binding.agent().and_then(|id| active(state, owner, id)) {
                agent.updated_at = at;
            }
            state.answered(idempotency);
            state.keys.insert(key.id, key);
            state.audit.push(event);
            Ok(((), vec![Subject::Key(from)]))
        })
    }

    async fn revoke_of(
        &self,
        owner: Owner,
        id: KeyId,
        at: Instant,
        event: AuditEvent,
    ) -> Result<bool, StoreError> {
        self.end("KeyStore::revoke_of", |state| {
            if key_of(state, owner, id).is_none() {
                return Ok((false, Vec::new()));
            }
            let revoked = KeyState::Revoked { at, reason: RevocationReason::Requested };
            Ok(revoke(state, id, revoked, event))
        })
    }
}

fn is_of(key: &ApiKey, owner: Owner) -> bool {
    key.account == owner.account && key.environment == owner.environment
}

fn key_of(state: &State, owner: Owner, id: KeyId) -> Option<&ApiKey> {
    state.keys.get(&id).filter(|key| is_of(key, owner))
}

/// How many account-level keys are active.
fn count(state: &State, account: AccountId, at: Instant) -> usize {
    let counts = |key: &&ApiKey| {
        let is_level = key.account == account && key.binding.agent().is_none();
        is_level && key.status(at) == KeyStatus::Active
    };
    state.keys.values().filter(counts).count()
}

fn page(
    state: &State,
    is_asked_for: impl Fn(&ApiKey) -> bool,
    after: Option<KeyCursor>,
    limit: u16,
) -> Vec<KeySummary> {
    let is_behind =
        |key: &&ApiKey| after.is_none_or(|last| (key.created_at, key.id) < (last.created_at, last.id));
    let asked_for = state.keys.values().filter(|key| is_asked_for(key));
    let mut page: Vec<_> = asked_for.filter(is_behind).map(KeySummary::from).collect();
    page.sort_by_key(|key| std::cmp::Reverse((key.created_at, key.id)));
    page.truncate(limit.into());
    page
}

fn revoke(state: &mut State, id: KeyId, revoked: KeyState, event: AuditEvent) -> (bool, Vec<Subject>) {
    let Some(key) = state.keys.get_mut(&id).filter(|key| key.state.is_standing()) else {
        return (false, Vec::new());
    };
    key.state = revoked;
    state.audit.push(event);
    (true, vec![Subject::Key(id)])
}
