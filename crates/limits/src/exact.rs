//! The counters that guard credentials, for the one server of a SQLite database: exact in memory, written behind.
//!
//! A row for each attempt would wait for the disk, and refusals would keep it busy. So memory decides, and what has
//! changed is written down every second and at the end: a kill loses a second of counting at most.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use keyward_domain::limits::{
    Attempt, Bucket, Counter, CounterKey, CounterStore, CounterUpkeep, CounterValue, Decision, ExactLimiter,
    GuardKey, GuardPolicy, GuardState, LimitMac, Quota,
};
use keyward_domain::secret::Digest;
use keyward_domain::store::StoreError;
use keyward_domain::time::Instant;

/// How many counters are written in one step, so that other writers have their turn.
const BATCH: usize = 1_000;
/// The part of all counters that goes when there is no room: one of so many.
const PART: usize = 16;
/// What a mark weighs: it was made by a login that succeeded, and is not among the first to go.
const MARK: u32 = 4;
/// What a bucket weighs whose quota is not known yet, because it was just loaded.
const LOADED: u32 = 8;

/// Counts what guards credentials, exactly, and keeps it across a restart.
///
/// Security: anybody can try any number of identities. So there are at most so many counters. Where there is no room,
/// those that are over go, then those that hold the fewest attempts: an identity that is being guessed has more than
/// those that are made up to displace it.
pub struct ExactMemory {
    kept: Mutex<Kept>,
    store: Arc<dyn CounterStore>,
    mac: Arc<dyn LimitMac>,
}

type Key = [u8; 32];

struct Kept {
    counters: HashMap<Key, Held>,
    capacity: usize,
    /// What time it was when the last attempt was made.
    latest: Instant,
    /// What the store does not know yet, by when it changed last.
    changed: HashMap<Key, u64>,
    changes: u64,
}

struct Held {
    value: CounterValue,
    expires_at: Instant,
    /// How many attempts would be forgotten with it.
    weight: u32,
}

impl ExactMemory {
    /// Goes on from what the store has kept, with at most so many counters.
    pub async fn load(
        store: Arc<dyn CounterStore>,
        mac: Arc<dyn LimitMac>,
        capacity: usize,
        now: Instant,
    ) -> Result<Self, StoreError> {
        let mut kept = Kept {
            counters: HashMap::new(),
            capacity: capacity.max(PART),
            latest: now,
            changed: HashMap::new(),
            changes: 0,
        };
        for counter in store.load(now).await? {
            let weight = match counter.value {
                CounterValue::Bucket { .. } => LOADED,
                CounterValue::Guard(state) => state.failures,
                CounterValue::Mark => MARK,
            };
            let held = Held { value: counter.value, expires_at: counter.expires_at, weight };
            kept.make_room();
            kept.counters.insert(*counter.key.as_bytes(), held);
        }
        Ok(Self { kept: Mutex::new(kept), store, mac })
    }

    /// How many counters there are.
    pub fn len(&self) -> usize {
        self.lock().counters.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn key(&self, bucket: Bucket) -> Key {
        *self.mac.mac(&bucket.bytes()).as_bytes()
    }
}

#[async_trait]
impl ExactLimiter for ExactMemory {
    async fn take(&self, bucket: Bucket, quota: Quota, now: Instant) -> Result<Decision, StoreError> {
        let key = self.key(bucket);
        let mut kept = self.lock();
        let (decision, next) = quota.take(kept.full_at(&key), now);
        if let Some(full_at) = next {
            kept.put(key, Held::bucket(full_at, quota, now), Some(now));
        }
        Ok(decision)
    }

    async fn give_back(&self, bucket: Bucket, quota: Quota, now: Instant) -> Result<(), StoreError> {
        let key = self.key(bucket);
        let mut kept = self.lock();
        if let Some(full_at) = kept.full_at(&key).filter(|full_at| *full_at > now) {
            let full_at = quota.give_back(Some(full_at), now);
            kept.put(key, Held::bucket(full_at, quota, now), Some(now));
        }
        Ok(())
    }

    async fn attempt(
        &self,
        guard: GuardKey,
        policy: GuardPolicy,
        now: Instant,
    ) -> Result<Attempt, StoreError> {
        let key = *guard.0.as_bytes();
        let mut kept = self.lock();
        let (attempt, next) = policy.attempt(kept.guard(&key), now);
        if let Some(state) = next {
            let expires_at = state.last_at.saturating_add(policy.forgotten_after);
            kept.put(key, Held::guard(state, expires_at), Some(now));
        }
        Ok(attempt)
    }

    async fn withdraw(&self, guard: GuardKey) -> Result<(), StoreError> {
        let key = *guard.0.as_bytes();
        let mut kept = self.lock();
        if let Some(state) = kept.guard(&key) {
            match (state.withdrawn(), kept.counters.get(&key).map(|held| held.expires_at)) {
                (Some(state), Some(expires_at)) => kept.replace(key, Held::guard(state, expires_at)),
                (None, _) | (_, None) => kept.remove(key),
            }
        }
        Ok(())
    }

    async fn forgive(&self, guard: GuardKey) -> Result<(), StoreError> {
        self.lock().remove(*guard.0.as_bytes());
        Ok(())
    }

    async fn remembers(&self, mark: Digest, now: Instant) -> Result<bool, StoreError> {
        let kept = self.lock();
        let held = kept.counters.get(mark.as_bytes());
        Ok(held.is_some_and(|held| held.value == CounterValue::Mark && held.expires_at > now))
    }

    async fn remember(&self, mark: Digest, until: Instant) -> Result<(), StoreError> {
        let held = Held { value: CounterValue::Mark, expires_at: until, weight: MARK };
        self.lock().put(*mark.as_bytes(), held, None);
        Ok(())
    }
}

#[async_trait]
impl CounterUpkeep for ExactMemory {
    async fn keep_up(&self, now: Instant) -> Result<(), StoreError> {
        let rounds = self.lock().changed.len().div_ceil(BATCH);
        for _ in 0..rounds {
            let batch = self.lock().batch();
            // What was not written, or not heard of, is written again.
            self.store.save(batch.changed, batch.gone, now).await?;
            self.lock().is_written(&batch.of);
        }
        Ok(())
    }
}

/// What is written in one step.
struct Batch {
    /// Which changes these are.
    of: Vec<(Key, u64)>,
    changed: Vec<Counter>,
    gone: Vec<CounterKey>,
}

impl Held {
    fn bucket(full_at: Instant, quota: Quota, now: Instant) -> Self {
        let missing = full_at.unix_micros().saturating_sub(now.unix_micros());
        let weight = u32::try_from(missing / quota.interval_micros()).unwrap_or(u32::MAX);
        Self { value: CounterValue::Bucket { full_at }, expires_at: full_at, weight }
    }

    fn guard(state: GuardState, expires_at: Instant) -> Self {
        Self { value: CounterValue::Guard(state), expires_at, weight: state.failures }
    }
}

impl Kept {
    fn full_at(&self, key: &Key) -> Option<Instant> {
        match self.counters.get(key)?.value {
            CounterValue::Bucket { full_at } => Some(full_at),
            CounterValue::Guard(_) | CounterValue::Mark => None,
        }
    }

    fn guard(&self, key: &Key) -> Option<GuardState> {
        match self.counters.get(key)?.value {
            CounterValue::Guard(state) => Some(state),
            CounterValue::Bucket { .. } | CounterValue::Mark => None,
        }
    }

    fn put(&mut self, key: Key, held: Held, now: Option<Instant>) {
        self.latest = now.unwrap_or(self.latest);
        if !self.counters.contains_key(&key) {
            self.make_room();
        }
        self.replace(key, held);
    }

    fn replace(&mut self, key: Key, held: Held) {
        self.counters.insert(key, held);
        self.has_changed(key);
    }

    fn remove(&mut self, key: Key) {
        if self.counters.remove(&key).is_some() {
            self.has_changed(key);
        }
    }

    fn has_changed(&mut self, key: Key) {
        self.changes += 1;
        self.changed.insert(key, self.changes);
    }

    /// Where all room is taken, drops what is over, and then the lightest part of the rest. Looking at all counters is
    /// paid for by the many that have room afterwards.
    fn make_room(&mut self) {
        let now = self.latest;
        if self.counters.len() < self.capacity {
            return;
        }
        let over = self.counters.extract_if(|_, held| held.expires_at <= now).map(|(key, _)| key);
        let mut gone: Vec<Key> = over.collect();
        let left = self.capacity - self.capacity / PART;
        let excess = self.counters.len().saturating_sub(left);
        if excess > 0 {
            let rank = |(key, held): (&Key, &Held)| (held.weight, held.expires_at, *key);
            let mut ranked: Vec<_> = self.counters.iter().map(rank).collect();
            if excess < ranked.len() {
                ranked.select_nth_unstable(excess);
            }
            gone.extend(ranked.into_iter().take(excess).map(|(_, _, key)| key));
        }
        for key in gone {
            self.counters.remove(&key);
            self.has_changed(key);
        }
    }

    fn batch(&self) -> Batch {
        let of: Vec<(Key, u64)> =
            self.changed.iter().take(BATCH).map(|(key, change)| (*key, *change)).collect();
        let mut batch = Batch { of, changed: Vec::new(), gone: Vec::new() };
        for (key, _) in &batch.of {
            let name = Digest::new(*key);
            match self.counters.get(key) {
                Some(held) => {
                    batch.changed.push(Counter { key: name, value: held.value, expires_at: held.expires_at });
                }
                None => batch.gone.push(name),
            }
        }
        batch
    }

    fn is_written(&mut self, written: &[(Key, u64)]) {
        for (key, change) in written {
            if self.changed.get(key) == Some(change) {
                self.changed.remove(key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;
    use std::time::Duration;

    use keyward_domain::limits::{LimitName, LimitSubject, Network};
    use keyward_testkit::macs::FakeMac;

    use super::*;

    const POLICY: GuardPolicy = GuardPolicy::DEFAULT;

    /// Keeps what it is given, and can fail.
    #[derive(Default)]
    struct Notebook {
        rows: Mutex<HashMap<Key, Counter>>,
        saves: Mutex<u32>,
        is_away: std::sync::atomic::AtomicBool,
    }

    #[async_trait]
    impl CounterStore for Notebook {
        async fn load(&self, now: Instant) -> Result<Vec<Counter>, StoreError> {
            let rows = self.rows.lock().unwrap();
            Ok(rows.values().copied().filter(|row| row.expires_at > now).collect())
        }

        async fn save(
            &self,
            changed: Vec<Counter>,
            gone: Vec<CounterKey>,
            _: Instant,
        ) -> Result<(), StoreError> {
            if self.is_away.load(std::sync::atomic::Ordering::SeqCst) {
                return Err(StoreError::Busy);
            }
            *self.saves.lock().unwrap() += 1;
            let mut rows = self.rows.lock().unwrap();
            rows.extend(changed.into_iter().map(|row| (*row.key.as_bytes(), row)));
            for key in gone {
                rows.remove(key.as_bytes());
            }
            Ok(())
        }
    }

    fn at(seconds: i64) -> Instant {
        Instant::from_unix_micros(seconds * 1_000_000).unwrap()
    }

    fn guard(number: u32) -> GuardKey {
        let mut key = [1; 32];
        key[..4].copy_from_slice(&number.to_be_bytes());
        GuardKey(Digest::new(key))
    }

    fn bucket(number: u32) -> Bucket {
        let network = Network::of(std::net::Ipv4Addr::from(number).into());
        Bucket { limit: LimitName::PasswordChecks, subject: LimitSubject::Network(network) }
    }

    fn quota() -> Quota {
        Quota::new(NonZeroU32::new(5).unwrap(), Duration::from_secs(60))
    }

    async fn over(store: &Arc<Notebook>, capacity: usize) -> ExactMemory {
        let mac = Arc::new(FakeMac::new(1));
        ExactMemory::load(store.clone(), mac, capacity, at(0)).await.unwrap()
    }

    async fn attempts(limiter: &ExactMemory, guard: GuardKey, times: u32, now: Instant) {
        for _ in 0..times {
            assert_eq!(limiter.attempt(guard, POLICY, now).await, Ok(Attempt::Allowed));
        }
    }

    #[tokio::test]
    async fn threat_d11_random_identities_displace_one_another_and_nobody_who_is_held_up() {
        let limiter = over(&Arc::default(), 1_600).await;
        for number in 0..50 {
            attempts(&limiter, guard(number), 10, at(0)).await;
        }
        for number in 0..20_000 {
            attempts(&limiter, guard(1_000 + number), 1, at(1)).await;
            limiter.take(bucket(number), quota(), at(1)).await.unwrap();
        }
        assert!(limiter.len() <= 1_600, "{}", limiter.len());
        for number in 0..50 {
            attempts(&limiter, guard(number), 1, at(1)).await;
            let attempt = limiter.attempt(guard(number), POLICY, at(1)).await;
            assert_eq!(attempt, Ok(Attempt::Wait(Duration::from_secs(2))), "{number}");
        }
    }

    #[tokio::test]
    async fn what_is_over_goes_first() {
        let limiter = over(&Arc::default(), 160).await;
        for number in 0..150 {
            attempts(&limiter, guard(number), 10, at(0)).await;
        }
        let day = 24 * 60 * 60;
        let fresh = 1_000..1_150;
        for number in fresh.clone() {
            attempts(&limiter, guard(number), 1, at(day)).await;
        }
        for number in fresh {
            attempts(&limiter, guard(number), 9, at(day)).await;
            let attempt = limiter.attempt(guard(number), POLICY, at(day)).await;
            assert_eq!(attempt, Ok(Attempt::Wait(Duration::from_secs(1))), "{number}");
        }
    }

    #[tokio::test]
    async fn what_could_not_be_written_is_written_the_next_time() {
        let store = Arc::new(Notebook::default());
        let limiter = over(&store, 1_000).await;
        attempts(&limiter, guard(1), 3, at(0)).await;
        store.is_away.store(true, std::sync::atomic::Ordering::SeqCst);
        assert_eq!(limiter.keep_up(at(1)).await, Err(StoreError::Busy));
        store.is_away.store(false, std::sync::atomic::Ordering::SeqCst);
        assert_eq!(limiter.keep_up(at(2)).await, Ok(()));
        attempts(&over(&store, 1_000).await, guard(1), 7, at(0)).await;
        let again = over(&store, 1_000).await;
        attempts(&again, guard(1), 7, at(0)).await;
        assert_eq!(again.attempt(guard(1), POLICY, at(0)).await, Ok(Attempt::Wait(Duration::from_secs(1))));
    }

    #[tokio::test]
    async fn nothing_is_written_where_nothing_has_changed() {
        let store = Arc::new(Notebook::default());
        let limiter = over(&store, 10_000).await;
        for number in 0..2_500 {
            attempts(&limiter, guard(number), 1, at(0)).await;
        }
        limiter.keep_up(at(1)).await.unwrap();
        assert_eq!((*store.saves.lock().unwrap(), store.rows.lock().unwrap().len()), (3, 2_500));
        limiter.keep_up(at(2)).await.unwrap();
        assert_eq!(*store.saves.lock().unwrap(), 3);
        limiter.forgive(guard(7)).await.unwrap();
        limiter.keep_up(at(3)).await.unwrap();
        assert_eq!((*store.saves.lock().unwrap(), store.rows.lock().unwrap().len()), (4, 2_499));
    }

    #[tokio::test]
    async fn a_refusal_changes_nothing() {
        let store = Arc::new(Notebook::default());
        let limiter = over(&store, 1_000).await;
        for _ in 0..5 {
            assert!(matches!(limiter.take(bucket(1), quota(), at(0)).await, Ok(Decision::Passed(_))));
        }
        attempts(&limiter, guard(1), 10, at(0)).await;
        limiter.keep_up(at(0)).await.unwrap();
        let saves = *store.saves.lock().unwrap();
        for _ in 0..100 {
            assert!(matches!(limiter.take(bucket(1), quota(), at(0)).await, Ok(Decision::Refused(_))));
            assert!(matches!(limiter.attempt(guard(1), POLICY, at(0)).await, Ok(Attempt::Wait(_))));
        }
        limiter.keep_up(at(0)).await.unwrap();
        assert_eq!(*store.saves.lock().unwrap(), saves);
    }
}
