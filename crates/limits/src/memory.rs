//! Limits in memory: both ports over the arithmetic alone, behind one lock. A restart forgets all of it.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use keyward_domain::limits::{
    Attempt, Bucket, Decision, ExactLimiter, GuardKey, GuardPolicy, GuardState, Quota, TrafficLimiter,
};
use keyward_domain::secret::Digest;
use keyward_domain::store::StoreError;
use keyward_domain::time::Instant;

/// Both ports over one map.
#[derive(Debug, Default)]
pub struct MemoryLimits(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    buckets: HashMap<Bucket, Instant>,
    guards: HashMap<[u8; 32], GuardState>,
    marks: HashMap<[u8; 32], Instant>,
}

impl MemoryLimits {
    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn take(&mut self, bucket: Bucket, quota: Quota, now: Instant) -> Decision {
        let (decision, next) = quota.take(self.buckets.get(&bucket).copied(), now);
        if let Some(next) = next {
            self.buckets.insert(bucket, next);
        }
        decision
    }
}

#[async_trait]
impl ExactLimiter for MemoryLimits {
    async fn take(&self, bucket: Bucket, quota: Quota, now: Instant) -> Result<Decision, StoreError> {
        Ok(self.lock().take(bucket, quota, now))
    }

    async fn give_back(&self, bucket: Bucket, quota: Quota, now: Instant) -> Result<(), StoreError> {
        let mut kept = self.lock();
        let full_at = quota.give_back(kept.buckets.get(&bucket).copied(), now);
        kept.buckets.insert(bucket, full_at);
        Ok(())
    }

    async fn attempt(
        &self,
        guard: GuardKey,
        policy: GuardPolicy,
        now: Instant,
    ) -> Result<Attempt, StoreError> {
        let mut kept = self.lock();
        let key = *guard.0.as_bytes();
        let (attempt, next) = policy.attempt(kept.guards.get(&key).copied(), now);
        if let Some(next) = next {
            kept.guards.insert(key, next);
        }
        Ok(attempt)
    }

    async fn withdraw(&self, guard: GuardKey) -> Result<(), StoreError> {
        if let Some(state) = self.lock().guards.get_mut(guard.0.as_bytes()) {
            state.failures = state.failures.saturating_sub(1);
        }
        Ok(())
    }

    async fn forgive(&self, guard: GuardKey) -> Result<(), StoreError> {
        self.lock().guards.remove(guard.0.as_bytes());
        Ok(())
    }

    async fn remembers(&self, mark: Digest, now: Instant) -> Result<bool, StoreError> {
        Ok(self.lock().marks.get(mark.as_bytes()).is_some_and(|until| *until > now))
    }

    async fn remember(&self, mark: Digest, until: Instant) -> Result<(), StoreError> {
        self.lock().marks.insert(*mark.as_bytes(), until);
        Ok(())
    }
}

impl TrafficLimiter for MemoryLimits {
    fn take(&self, bucket: Bucket, quota: Quota, now: Instant) -> Decision {
        self.lock().take(bucket, quota, now)
    }

    fn peek(&self, bucket: Bucket, quota: Quota, now: Instant) -> Decision {
        let standing = quota.standing(self.lock().buckets.get(&bucket).copied(), now);
        if standing.remaining == 0 { Decision::Refused(standing) } else { Decision::Passed(standing) }
    }
}
