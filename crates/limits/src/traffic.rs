//! The counters of general traffic: in memory, bounded, behind one of many locks each.
//!
//! Taking one is the hot path of every request: a hash, a lock, a look-up. The tables have their full size from the
//! start, of which the machine gives only what is used, so that nothing is allocated on the way.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use hashbrown::HashTable;
use keyward_domain::limits::{Bucket, Decision, Quota, TrafficLimiter};
use keyward_domain::time::Instant;

/// How many locks there are. With so many two requests seldom want the same.
const SHARDS: usize = 64;
/// How many buckets are compared when one must go.
const SAMPLE: usize = 8;
/// How many places of a table are looked at for them. At least half of a full table's places are taken.
const LOOKED_AT: usize = 64;

/// Counts general traffic.
///
/// Security: anybody can ask under any number of addresses. So there are at most so many buckets, and names are hashed
/// under a random key, that nobody outside can make them collide. Where there is no room for a new bucket, of a few
/// the one goes that is nearest to being full again, since a full one is worth nothing: a flood of new subjects replaces
/// its own buckets and not those that hold somebody up.
pub struct TrafficMemory {
    shards: Box<[Mutex<Shard>]>,
    hasher: RandomState,
    /// Whether what was taken is noted for other servers.
    is_noting: AtomicBool,
    /// Which shard is asked first for what was noted.
    first: AtomicUsize,
}

struct Shard {
    table: HashTable<Held>,
    capacity: usize,
    /// Where the next sample begins.
    hand: usize,
    /// Whose `taken` is above zero.
    noted: Vec<(Bucket, Quota)>,
}

/// 32 bytes; some millions of these must fit into memory.
struct Held {
    full_at: Instant,
    /// How many were taken since other servers were told.
    taken: u32,
    bucket: Bucket,
}

/// What was taken of one bucket since other servers were told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Taken {
    pub(crate) bucket: Bucket,
    pub(crate) quota: Quota,
    pub(crate) number: u32,
}

impl TrafficMemory {
    /// Counts with at most so many buckets.
    pub fn new(capacity: usize) -> Self {
        let capacity = capacity.div_ceil(SHARDS).max(1);
        let shard = || {
            let table = HashTable::with_capacity(capacity);
            Mutex::new(Shard { table, capacity, hand: 0, noted: Vec::new() })
        };
        Self {
            shards: (0..SHARDS).map(|_| shard()).collect(),
            hasher: RandomState::new(),
            is_noting: AtomicBool::new(false),
            first: AtomicUsize::new(0),
        }
    }

    /// How many buckets there are.
    pub fn len(&self) -> usize {
        self.shards.iter().map(|shard| lock(shard).table.len()).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// From now on what is taken is noted for other servers.
    pub(crate) fn note(&self) {
        self.is_noting.store(true, Ordering::Relaxed);
    }

    /// What was noted, of at most so many buckets. It is noted no longer.
    pub(crate) fn collect(&self, most: usize) -> Vec<Taken> {
        let mut collected = Vec::new();
        let first = self.first.fetch_add(1, Ordering::Relaxed);
        for shard in self.shards.iter().cycle().skip(first % SHARDS).take(SHARDS) {
            let mut shard = lock(shard);
            let kept = shard.noted.len().saturating_sub(most.saturating_sub(collected.len()));
            for (bucket, quota) in shard.noted.split_off(kept) {
                let hash = self.hasher.hash_one(bucket);
                let held = shard.table.find_mut(hash, |held| held.bucket == bucket);
                let number = held.map_or(0, |held| std::mem::take(&mut held.taken));
                if number > 0 {
                    collected.push(Taken { bucket, quota, number });
                }
            }
        }
        collected
    }

    /// All servers together have taken so much that this is the full time, without what was taken here since. The
    /// bucket's own is never set back.
    pub(crate) fn merge(&self, bucket: Bucket, quota: Quota, full_at: Instant) {
        let hash = self.hasher.hash_one(bucket);
        let mut shard = self.lock(hash);
        if let Some(held) = shard.table.find_mut(hash, |held| held.bucket == bucket) {
            let since = quota.interval_micros().saturating_mul(held.taken.into());
            let full_at = Instant::from_unix_micros(full_at.unix_micros().saturating_add(since));
            held.full_at = full_at.map_or(held.full_at, |full_at| held.full_at.max(full_at));
        }
    }

    /// The bits in the middle: a table finds its way by those at the ends.
    fn lock(&self, hash: u64) -> MutexGuard<'_, Shard> {
        let number = usize::try_from((hash >> 32) % SHARDS as u64).unwrap_or(0);
        #[allow(clippy::indexing_slicing, reason = "a remainder is smaller than the number of shards")]
        lock(&self.shards[number])
    }
}

fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

impl TrafficLimiter for TrafficMemory {
    fn take(&self, bucket: Bucket, quota: Quota, now: Instant) -> Decision {
        let hash = self.hasher.hash_one(bucket);
        let is_noting = self.is_noting.load(Ordering::Relaxed);
        let mut shard = self.lock(hash);
        let is_noted = is_noting && shard.noted.len() < shard.capacity;
        let held = shard.table.find_mut(hash, |held| held.bucket == bucket);
        let (decision, next) = quota.take(held.as_ref().map(|held| held.full_at), now);
        let Some(full_at) = next else {
            return decision;
        };
        let passed = u32::from(is_noted && matches!(decision, Decision::Passed(_)));
        let is_first = match held {
            Some(held) => {
                let is_first = held.taken == 0;
                held.full_at = full_at;
                held.taken = held.taken.saturating_add(passed);
                is_first
            }
            None => {
                shard.insert(&self.hasher, hash, Held { full_at, taken: passed, bucket }, now);
                true
            }
        };
        if passed > 0 && is_first {
            shard.noted.push((bucket, quota));
        }
        decision
    }

    fn peek(&self, bucket: Bucket, quota: Quota, now: Instant) -> Decision {
        let hash = self.hasher.hash_one(bucket);
        let shard = self.lock(hash);
        let held = shard.table.find(hash, |held| held.bucket == bucket);
        let standing = quota.standing(held.map(|held| held.full_at), now);
        if standing.remaining == 0 { Decision::Refused(standing) } else { Decision::Passed(standing) }
    }
}

impl Shard {
    fn insert(&mut self, hasher: &RandomState, hash: u64, held: Held, now: Instant) {
        if self.table.len() >= self.capacity {
            self.make_room(now);
        }
        self.table.insert_unique(hash, held, |held| hasher.hash_one(held.bucket));
    }

    /// Drops those of a sample that are full again, or the one that will be first. Where buckets lie in the table is as
    /// random as their hashes, so that neighbours are a sample.
    fn make_room(&mut self, now: Instant) {
        let (mut seen, mut dropped, mut first) = (0, false, None::<(Instant, usize)>);
        let places = self.table.num_buckets().max(1);
        for step in 0..places {
            let place = self.hand.wrapping_add(step) % places;
            let Ok(entry) = self.table.get_bucket_entry(place) else { continue };
            seen += 1;
            let full_at = entry.get().full_at;
            if full_at <= now {
                entry.remove();
                dropped = true;
            } else if first.is_none_or(|(earliest, _)| full_at < earliest) {
                first = Some((full_at, place));
            }
            if seen >= SAMPLE || (seen > 0 && step >= LOOKED_AT) {
                self.hand = place.wrapping_add(1);
                break;
            }
        }
        if let (false, Some((_, place))) = (dropped, first)
            && let Ok(entry) = self.table.get_bucket_entry(place)
        {
            entry.remove();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;
    use std::time::Duration;

    use keyward_domain::limits::{LimitName, LimitSubject, Network};

    use super::*;

    fn at(seconds: i64) -> Instant {
        Instant::from_unix_micros(seconds * 1_000_000).unwrap()
    }

    fn quota(limit: u32) -> Quota {
        Quota::new(NonZeroU32::new(limit).unwrap(), Duration::from_secs(60))
    }

    fn bucket(number: u32) -> Bucket {
        let network = Network::of(std::net::Ipv4Addr::from(number).into());
        Bucket { limit: LimitName::Anonymous, subject: LimitSubject::Network(network) }
    }

    fn passes(limiter: &TrafficMemory, bucket: Bucket, quota: Quota, now: Instant) -> bool {
        matches!(limiter.take(bucket, quota, now), Decision::Passed(_))
    }

    #[test]
    fn an_entry_is_small() {
        assert!(size_of::<Held>() <= 32, "{}", size_of::<Held>());
    }

    #[test]
    fn of_10_000_at_once_exactly_100_pass() {
        let limiter = TrafficMemory::new(1_000);
        let passed: usize = std::thread::scope(|scope| {
            let racer = || (0..1_000).filter(|_| passes(&limiter, bucket(1), quota(100), at(0))).count();
            let racers: Vec<_> = (0..10).map(|_| scope.spawn(racer)).collect();
            racers.into_iter().map(|racer| racer.join().unwrap()).sum()
        });
        assert_eq!(passed, 100);
    }

    #[test]
    fn to_peek_takes_nothing() {
        let limiter = TrafficMemory::new(1_000);
        for _ in 0..10 {
            assert!(matches!(limiter.peek(bucket(1), quota(2), at(0)), Decision::Passed(_)));
        }
        assert_eq!(limiter.len(), 0);
        assert!(passes(&limiter, bucket(1), quota(2), at(0)));
        assert!(passes(&limiter, bucket(1), quota(2), at(0)));
        let standing = limiter.peek(bucket(1), quota(2), at(0));
        assert_eq!(standing, limiter.take(bucket(1), quota(2), at(0)));
        assert!(matches!(standing, Decision::Refused(_)));
    }

    #[test]
    fn threat_d11_random_subjects_fill_no_more_than_their_room() {
        let limiter = TrafficMemory::new(6_400);
        for number in 0..200_000 {
            assert!(passes(&limiter, bucket(number), quota(600), at(0)));
        }
        assert!(limiter.len() <= 6_400, "{}", limiter.len());
    }

    #[test]
    fn threat_d11_a_flood_frees_no_bucket_that_holds_somebody_up() {
        let limiter = TrafficMemory::new(6_400);
        let held_up: Vec<Bucket> = (0..640).map(bucket).collect();
        for &bucket in &held_up {
            while passes(&limiter, bucket, quota(10), at(0)) {}
        }
        for number in 0..200_000 {
            passes(&limiter, bucket(1_000 + number), quota(10), at(1));
        }
        let still = held_up.iter().filter(|&&bucket| !passes(&limiter, bucket, quota(10), at(2))).count();
        assert_eq!(still, held_up.len());
    }

    #[test]
    fn threat_d11_buckets_that_are_full_again_go_first() {
        let limiter = TrafficMemory::new(6_400);
        (0..6_000).for_each(|number| assert!(passes(&limiter, bucket(number), quota(600), at(0))));
        let used: Vec<Bucket> = (10_000..10_400).map(bucket).collect();
        used.iter().for_each(|&bucket| assert!(passes(&limiter, bucket, quota(1), at(30))));
        (20_000..22_000).for_each(|number| assert!(passes(&limiter, bucket(number), quota(1), at(31))));
        assert!(used.iter().all(|&bucket| !passes(&limiter, bucket, quota(1), at(32))));
    }

    #[test]
    fn what_was_taken_is_noted_once_and_in_parts() {
        let limiter = TrafficMemory::new(1_000);
        assert!(passes(&limiter, bucket(0), quota(10), at(0)));
        limiter.note();
        for number in 0..10 {
            (0..=number).for_each(|_| assert!(passes(&limiter, bucket(number), quota(100), at(0))));
        }
        let mut all = limiter.collect(4);
        assert_eq!(all.len(), 4);
        all.extend(limiter.collect(100));
        assert_eq!(all.iter().map(|taken| taken.number).sum::<u32>(), (1..=10).sum::<u32>());
        assert_eq!(limiter.collect(100).len(), 0);
    }

    #[test]
    fn what_others_took_counts_and_gives_nothing_back() {
        let limiter = TrafficMemory::new(1_000);
        limiter.note();
        let remaining = || limiter.peek(bucket(1), quota(60), at(0)).standing().remaining;
        limiter.take(bucket(1), quota(60), at(0));
        assert_eq!(limiter.collect(10).len(), 1);
        limiter.take(bucket(1), quota(60), at(0));
        limiter.merge(bucket(1), quota(60), at(21));
        assert_eq!(remaining(), 60 - 22, "what was taken since the others were told counts too");
        limiter.merge(bucket(1), quota(60), at(5));
        assert_eq!(remaining(), 60 - 22);
        limiter.merge(bucket(2), quota(60), at(5));
        assert_eq!(limiter.len(), 1);
    }

    /// The hot path's cost and what 10^7 subjects do to memory: figures for a person, of a release build.
    /// `cargo test -p keyward-limits --release -- --nocapture figures` prints them.
    #[test]
    fn figures_of_the_hot_path() {
        let (rounds, subjects) =
            if cfg!(debug_assertions) { (10_000_u32, 20_000) } else { (5_000_000, 10_000_000) };
        let limiter = TrafficMemory::new(400_000);
        let per_call = |limiter: &TrafficMemory, spread: u32| {
            let began = nanos_on_cpu();
            for round in 0..rounds {
                let now = Instant::from_unix_micros(i64::from(round)).unwrap();
                std::hint::black_box(limiter.take(bucket(round % spread), quota(600), now));
            }
            nanos_on_cpu().saturating_sub(began) / u64::from(rounds)
        };
        println!("take, one bucket: {} ns", per_call(&limiter, 1));
        println!("take, 100,000 buckets: {} ns", per_call(&limiter, 100_000));
        drop(limiter);
        let before = resident_kib();
        let limiter = TrafficMemory::new(400_000);
        println!("{} KiB resident for nothing", resident_kib().saturating_sub(before));
        for number in 0..subjects {
            limiter.take(
                bucket(number),
                quota(600),
                Instant::from_unix_micros(i64::from(number / 16)).unwrap(),
            );
        }
        println!(
            "{subjects} subjects: {} KiB, {} kept",
            resident_kib().saturating_sub(before),
            limiter.len()
        );
        assert!(limiter.len() <= 400_000);
    }

    /// Of this thread alone: whatever else the machine does counts for nothing.
    fn nanos_on_cpu() -> u64 {
        let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
        stat.split_whitespace().next().and_then(|nanos| nanos.parse().ok()).unwrap_or(0)
    }

    fn resident_kib() -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
        line.trim().trim_end_matches(" kB").parse().unwrap_or(0)
    }
}
