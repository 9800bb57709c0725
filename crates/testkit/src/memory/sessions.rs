//! Browsers' sessions in memory.

use async_trait::async_trait;
use keyward_domain::accounts::{Account, AccountStatus};
use keyward_domain::audit::AuditEvent;
use keyward_domain::ids::SessionId;
use keyward_domain::secret::Digest;
use keyward_domain::sessions::{Session, SessionStart, SessionStore};
use keyward_domain::store::StoreError;
use keyward_domain::time::Instant;

use super::MemoryStore;

#[async_trait]
impl SessionStore for MemoryStore {
    async fn begin(&self, start: SessionStart, event: AuditEvent) -> Result<bool, StoreError> {
        self.step("SessionStore::begin", |state| {
            let SessionStart { session, rehash, replaced } = start;
            let stands =
                |account: &Account| account.status == AccountStatus::Active && account.epoch == session.epoch;
            if !state.accounts.get(&session.account).is_some_and(|row| stands(&row.account)) {
                return Ok(false);
            }
            state.sessions.retain(|_, other| Some(other.digest) != replaced);
            if let Some(rehash) = rehash {
                state.replace_outdated(session.account, rehash);
            }
            state.sessions.insert(session.id, session);
            state.audit.push(event);
            Ok(true)
        })
    }

    async fn find(&self, digest: Digest) -> Result<Option<(Session, Account)>, StoreError> {
        self.step("SessionStore::find", |state| {
            let found = state.sessions.values().find(|session| session.digest == digest);
            Ok(found.and_then(|session| {
                Some((session.clone(), state.accounts.get(&session.account)?.account.clone()))
            }))
        })
    }

    async fn touch(&self, id: SessionId, at: Instant) -> Result<(), StoreError> {
        self.step("SessionStore::touch", |state| {
            if let Some(session) = state.sessions.get_mut(&id) {
                session.last_seen_at = session.last_seen_at.max(at);
            }
            Ok(())
        })
    }

    async fn end(&self, id: SessionId, event: AuditEvent) -> Result<bool, StoreError> {
        self.step("SessionStore::end", |state| {
            let ended = state.sessions.remove(&id).is_some();
            state.audit.extend(ended.then_some(event));
            Ok(ended)
        })
    }

    async fn forget(&self, now: Instant, idle_since: Instant) -> Result<(), StoreError> {
        self.step("SessionStore::forget", |state| {
            state.sessions.retain(|_, session| session.expires_at > now && session.last_seen_at > idle_since);
            Ok(())
        })
    }
}
