//! Limits in memory: both ports over the arithmetic alone, behind one lock.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use keyward_domain::limits::{
    Attempt, Bucket, Decision, ExactLimiter, GuardKey, GuardPolicy, GuardState, Quota, TrafficLimiter,
};
use keyward_domain::secret::Digest;
use keyward_domain::store::StoreError;
use keyward_domain::time::Instant;

/// What both ports promise, without bounds and without a disk. For tests only.
#[derive(Debug, Default)]
pub struct MemoryLimiter {
    kept: Mutex<Kept>,
    calls: AtomicUsize,
}

#[derive(Debug, Default)]
struct Kept {
    buckets: HashMap<Bucket, Instant>,
    guards: HashMap<[u8; 32], GuardState>,
    marks: HashMap<[u8; 32], Instant>,
    outage: Option<StoreError>,
}

impl MemoryLimiter {
    /// A limiter that has counted nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// From now on everything exact fails so; `None` ends it.
    pub fn fail_with(&self, outage: Option<StoreError>) {
        self.lock().outage = outage;
    }

    /// How often anything was asked of it.
    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn exact(&self) -> Result<MutexGuard<'_, Kept>, StoreError> {
        let kept = self.lock();
        kept.outage.clone().map_or(Ok(kept), Err)
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
impl ExactLimiter for MemoryLimiter {
    async fn take(&self, bucket: Bucket, quota: Quota, now: Instant) -> Result<Decision, StoreError> {
        Ok(self.exact()?.take(bucket, quota, now))
    }

    async fn give_back(&self, bucket: Bucket, quota: Quota, now: Instant) -> Result<(), StoreError> {
        let mut kept = self.exact()?;
        if let Some(full_at) = kept.buckets.get_mut(&bucket).filter(|full_at| **full_at > now) {
            *full_at = quota.give_back(Some(*full_at), now);
        }
        Ok(())
    }

    async fn attempt(
        &self,
        guard: GuardKey,
        policy: GuardPolicy,
        now: Instant,
    ) -> Result<Attempt, StoreError> {
        let mut kept = self.exact()?;
        let key = *guard.0.as_bytes();
        let (attempt, next) = policy.attempt(kept.guards.get(&key).copied(), now);
        if let Some(next) = next {
            kept.guards.insert(key, next);
        }
        Ok(attempt)
    }

    async fn withdraw(&self, guard: GuardKey) -> Result<(), StoreError> {
        let mut kept = self.exact()?;
        if let Some(state) = kept.guards.remove(guard.0.as_bytes())
            && let Some(left) = state.withdrawn()
        {
            kept.guards.insert(*guard.0.as_bytes(), left);
        }
        Ok(())
    }

    async fn forgive(&self, guard: GuardKey) -> Result<(), StoreError> {
        self.exact()?.guards.remove(guard.0.as_bytes());
        Ok(())
    }

    async fn remembers(&self, mark: Digest, now: Instant) -> Result<bool, StoreError> {
        Ok(self.exact()?.marks.get(mark.as_bytes()).is_some_and(|until| *until > now))
    }

    async fn remember(&self, mark: Digest, until: Instant) -> Result<(), StoreError> {
        self.exact()?.marks.insert(*mark.as_bytes(), until);
        Ok(())
    }
}

impl TrafficLimiter for MemoryLimiter {
    fn take(&self, bucket: Bucket, quota: Quota, now: Instant) -> Decision {
        self.lock().take(bucket, quota, now)
    }

    fn peek(&self, bucket: Bucket, quota: Quota, now: Instant) -> Decision {
        let standing = quota.standing(self.lock().buckets.get(&bucket).copied(), now);
        if standing.remaining == 0 { Decision::Refused(standing) } else { Decision::Passed(standing) }
    }
}
