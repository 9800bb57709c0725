//! Ports: where buckets and guards are kept.

use async_trait::async_trait;

use super::{Attempt, Bucket, Decision, GuardKey, GuardPolicy, GuardState, Quota};
use crate::secret::Digest;
use crate::store::StoreError;
use crate::time::Instant;

/// Port: the counters that guard credentials. They are exact over all servers on one database, and a restart does not
/// reset them. A refusal writes nothing.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait ExactLimiter: Send + Sync {
    /// Takes one, in one atomic step: of any number at the same time exactly as many pass as there is room for.
    async fn take(&self, bucket: Bucket, quota: Quota, now: Instant) -> Result<Decision, StoreError>;

    /// Gives one back that was taken. A bucket that is full already stays so.
    async fn give_back(&self, bucket: Bucket, quota: Quota, now: Instant) -> Result<(), StoreError>;

    /// Makes one attempt at what the guard stands before, in one atomic step. One that is allowed is counted.
    async fn attempt(
        &self,
        guard: GuardKey,
        policy: GuardPolicy,
        now: Instant,
    ) -> Result<Attempt, StoreError>;

    /// Takes back an attempt that came to no end: neither success nor failure.
    async fn withdraw(&self, guard: GuardKey) -> Result<(), StoreError>;

    /// Forgets a guard's attempts: one has succeeded.
    async fn forgive(&self, guard: GuardKey) -> Result<(), StoreError>;

    /// Whether this was remembered by [`remember`](Self::remember) and is not over.
    async fn remembers(&self, mark: Digest, now: Instant) -> Result<bool, StoreError>;

    /// Remembers a mark until then, such as that an identity has logged in from a network.
    async fn remember(&self, mark: Digest, until: Instant) -> Result<(), StoreError>;
}

/// Port: what keeps the exact counters in order, now and then.
#[async_trait]
pub trait CounterUpkeep: Send + Sync {
    /// Writes down what has changed, where that is not done at once, and deletes some of what is over.
    async fn keep_up(&self, now: Instant) -> Result<(), StoreError>;
}

/// Port: the counters of general traffic, in this server's memory. A plain function: it waits for nothing, and what
/// other servers counted reaches it in the background.
pub trait TrafficLimiter: Send + Sync {
    /// Takes one.
    fn take(&self, bucket: Bucket, quota: Quota, now: Instant) -> Decision;

    /// How the bucket stands; takes nothing.
    fn peek(&self, bucket: Bucket, quota: Quota, now: Instant) -> Decision;
}

/// The servers do not hear of one another's general traffic. Each goes on by its own counters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotShared(pub String);

/// Port: what the servers tell one another of general traffic, in the background.
#[async_trait]
pub trait TrafficExchange: Send + Sync {
    /// Tells the others what was taken here since the last time, and hears what they took.
    async fn exchange(&self, now: Instant) -> Result<(), NotShared>;
}

/// What names a counter in a store: a MAC, so that neither addresses nor identities rest there.
pub type CounterKey = Digest;

/// What is kept of a counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CounterValue {
    /// A bucket: its full time.
    Bucket {
        /// When all of the number will be back.
        full_at: Instant,
    },
    /// A guard.
    Guard(GuardState),
    /// A mark.
    Mark,
}

/// A counter as it rests in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counter {
    /// Its name.
    pub key: CounterKey,
    /// What is kept.
    pub value: CounterValue,
    /// From then on it says nothing any more and may be deleted.
    pub expires_at: Instant,
}

/// Port: keeps counters that are held in memory across a restart. For a database with one server.
#[async_trait]
pub trait CounterStore: Send + Sync {
    /// All counters that are not over.
    async fn load(&self, now: Instant) -> Result<Vec<Counter>, StoreError>;

    /// Writes these, each in place of what is kept under its name, deletes those of `gone`, and deletes some of what is
    /// over.
    async fn save(
        &self,
        changed: Vec<Counter>,
        gone: Vec<CounterKey>,
        now: Instant,
    ) -> Result<(), StoreError>;
}
