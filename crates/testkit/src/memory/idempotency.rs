//! What was answered, in memory.

use async_trait::async_trait;
use keyward_domain::idempotency::{IdempotencyRecord, IdempotencyStore};
use keyward_domain::secret::Digest;
use keyward_domain::store::StoreError;
use keyward_domain::time::Instant;

use super::MemoryStore;

#[async_trait]
impl IdempotencyStore for MemoryStore {
    async fn find(&self, lookup: Digest, now: Instant) -> Result<Option<IdempotencyRecord>, StoreError> {
        self.step("IdempotencyStore::find", |state| {
            let is_it = |record: &&IdempotencyRecord| record.lookup == lookup && record.expires_at > now;
            Ok(state.answers.iter().find(is_it).cloned())
        })
    }

    async fn forget(&self, expired_by: Instant) -> Result<(), StoreError> {
        self.step("IdempotencyStore::forget", |state| {
            state.answers.retain(|record| record.expires_at > expired_by);
            Ok(())
        })
    }
}
