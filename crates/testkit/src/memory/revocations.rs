//! The log of revocations in memory.

use async_trait::async_trait;
use keyward_domain::audit::AuditEvent;
use keyward_domain::revocations::{
    LogHead, Revocation, RevocationLog, RevocationNumber, RevokedToken, Subject,
};
use keyward_domain::store::StoreError;
use keyward_domain::time::Instant;

use super::MemoryStore;

#[async_trait]
impl RevocationLog for MemoryStore {
    async fn head(&self) -> Result<LogHead, StoreError> {
        self.step("RevocationLog::head", |state| {
            Ok(LogHead { last: state.last_revocation, forgotten: state.forgotten_revocation })
        })
    }

    async fn after(&self, after: RevocationNumber, limit: u16) -> Result<Vec<Revocation>, StoreError> {
        self.step("RevocationLog::after", |state| {
            let later = state.revocations.iter().filter(|revocation| revocation.number > after);
            Ok(later.take(limit.into()).copied().collect())
        })
    }

    async fn revoked_tokens(&self, now: Instant) -> Result<Vec<RevokedToken>, StoreError> {
        self.step("RevocationLog::revoked_tokens", |state| {
            let unexpired = state.revoked_tokens.iter().filter(|(_, end)| **end > now);
            Ok(unexpired.map(|(&id, &expires_at)| RevokedToken { id, expires_at }).collect())
        })
    }

    async fn revoke_token(&self, token: RevokedToken, event: AuditEvent) -> Result<bool, StoreError> {
        self.end("RevocationLog::revoke_token", |state| {
            if state.revoked_tokens.contains_key(&token.id) {
                return Ok((false, Vec::new()));
            }
            state.revoked_tokens.insert(token.id, token.expires_at);
            state.audit.push(event);
            Ok((true, vec![Subject::Token(token)]))
        })
    }

    async fn forget(&self, up_to: RevocationNumber, now: Instant) -> Result<(), StoreError> {
        self.step("RevocationLog::forget", |state| {
            if state.forgotten_revocation < up_to && up_to <= state.last_revocation {
                state.forgotten_revocation = up_to;
                state.revocations.retain(|revocation| revocation.number > up_to);
            }
            state.revoked_tokens.retain(|_, end| *end > now);
            Ok(())
        })
    }
}
