//! Where passwords are hashed: few at a time, a short queue, and a clear no beyond it.
//!
//! Argon2 is bound by memory bandwidth: a second thread buys nothing and a third makes all of them slower. So
//! one hash at a time is the default, and the rest of the server never waits for it, not even on one core: each
//! runs on a thread that gives way.

use std::collections::BTreeMap;
use std::panic;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use keyward_domain::accounts::PasswordError;
use keyward_domain::metrics::{Counter, Figures, Histogram, Measured};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};
use tracing::Instrument;

use crate::aside::{self, NoThread};
use crate::passwords::{HashCost, Workbench};

/// How much hashing goes on, and how much may wait for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HashingLimits {
    /// Hashes at the same time: 1 or 2. Any other number counts as the nearer of the two.
    pub threads: usize,
    /// How many may wait for a thread.
    pub queue: usize,
    /// How long each of them waits.
    pub patience: Duration,
}

impl Default for HashingLimits {
    fn default() -> Self {
        Self { threads: 1, queue: 16, patience: Duration::from_millis(400) }
    }
}

/// A bounded pool for hashing passwords. One for the whole process, shared by all hashers.
#[derive(Debug)]
pub struct HashingPool {
    threads: Arc<Semaphore>,
    queue: Semaphore,
    limits: HashingLimits,
    durations: Arc<Histogram>,
    /// Refused because the queue was full, and because it was not fast enough.
    full: Counter,
    late: Counter,
    /// As many as hashes have ever run at the same time: a bench is taken for a hash and put back.
    benches: Arc<Mutex<Vec<Workbench>>>,
    done: Arc<Mutex<BTreeMap<HashCost, u64>>>,
}

impl HashingPool {
    /// An idle pool: threads and memory come with the first hash.
    pub fn new(limits: HashingLimits) -> Self {
        let limits = HashingLimits {
            threads: limits.threads.clamp(1, 2),
            queue: limits.queue.min(Semaphore::MAX_PERMITS),
            patience: limits.patience,
        };
        Self {
            threads: Arc::new(Semaphore::new(limits.threads)),
            queue: Semaphore::new(limits.queue),
            limits,
            durations: Arc::new(Histogram::of_durations()),
            full: Counter::default(),
            late: Counter::default(),
            benches: Arc::default(),
            done: Arc::default(),
        }
    }

    /// How many hashes were computed since the start, by what each of them cost.
    pub fn hashes_done(&self) -> BTreeMap<HashCost, u64> {
        self.done.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Runs `work` on a thread of its own, when it may have one. `Busy` if the queue is full, or not fast enough.
    ///
    /// Whoever stops waiting leaves the queue; work that has begun runs to its end and keeps its thread for as
    /// long.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Workbench) -> T + Send + 'static,
    ) -> Result<T, PasswordError> {
        self.run_in_turn(work).await.map(|(_, done)| done)
    }

    /// The same, with the moment at which its turn came.
    pub(crate) async fn run_in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Workbench) -> T + Send + 'static,
    ) -> Result<(Instant, T), PasswordError> {
        let span = tracing::debug_span!("password_hash");
        let thread = self.thread().instrument(span.clone()).await.ok_or(PasswordError::Busy)?;
        let turn = Instant::now();
        let (benches, done) = (self.benches.clone(), self.done.clone());
        let (durations, hashing) = (Arc::clone(&self.durations), span.clone());
        let job = aside::run(move || {
            let taken = benches.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let mut bench = taken.unwrap_or_else(|| Workbench::new(done));
            let begun = Instant::now();
            let result = work(&mut bench);
            let took = begun.elapsed();
            durations.took(took);
            let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
            hashing.in_scope(|| tracing::debug!(duration_us = micros, "a password was hashed"));
            benches.lock().unwrap_or_else(PoisonError::into_inner).push(bench);
            drop(thread); // Last, so that there are never more benches than threads.
            result
        });
        let outcome = job.instrument(span).await.map_err(|NoThread| PasswordError::Busy)?;
        Ok((turn, outcome.unwrap_or_else(|payload| panic::resume_unwind(payload))))
    }

    /// The right to one of the threads, if it is to be had in time.
    async fn thread(&self) -> Option<OwnedSemaphorePermit> {
        if let Ok(free) = self.threads.clone().try_acquire_owned() {
            return Some(free);
        }
        let Ok(_place) = self.queue.try_acquire() else {
            self.full.increment();
            return None;
        };
        let waited = timeout(self.limits.patience, self.threads.clone().acquire_owned()).await;
        if waited.is_err() {
            self.late.increment();
        }
        waited.ok()?.ok()
    }
}

impl Measured for HashingPool {
    fn measure(&self, figures: &mut Figures) {
        let HashingLimits { threads, queue, .. } = self.limits;
        let taken = |all: usize, free: &Semaphore| all.saturating_sub(free.available_permits()) as f64;
        figures
            .gauge("keyward_password_hashes_running", "Password hashes that are being computed.")
            .number(&[], taken(threads, &self.threads));
        figures
            .gauge("keyward_password_hashes_waiting", "Password hashes that wait for a thread.")
            .number(&[], taken(queue, &self.queue));
        figures
            .gauge("keyward_password_queue_limit", "How many password hashes may wait.")
            .number(&[], queue as f64);
        figures
            .counter(
                "keyward_password_hashes_refused_total",
                "Password hashes that were refused with 503, by reason.",
            )
            .count(&[("reason", "full")], self.full.get())
            .count(&[("reason", "late")], self.late.get());
        figures
            .histogram(
                "keyward_password_hash_duration_seconds",
                "How long password hashes took, without waiting.",
            )
            .spread(&[], self.durations.spread());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use keyward_domain::metrics::Value;

    use super::*;

    fn pool(queue: usize, patience: Duration) -> Arc<HashingPool> {
        Arc::new(HashingPool::new(HashingLimits { threads: 1, queue, patience }))
    }

    /// Occupies the pool's only thread until the sender is dropped.
    async fn occupy(pool: &Arc<HashingPool>) -> (mpsc::Sender<()>, tokio::task::JoinHandle<()>) {
        let (release, released) = mpsc::channel::<()>();
        let (started, has_started) = tokio::sync::oneshot::channel();
        let busy = pool.clone();
        let job = tokio::spawn(async move {
            let work = move |_: &mut Workbench| {
                started.send(()).unwrap();
                released.recv().unwrap_err();
            };
            busy.run(work).await.unwrap();
        });
        has_started.await.unwrap();
        (release, job)
    }

    #[tokio::test]
    async fn threat_d1_whoever_waits_too_long_is_told_that_the_pool_is_busy() {
        let pool = pool(16, Duration::from_millis(5));
        let (release, job) = occupy(&pool).await;
        assert_eq!(pool.run(|_| ()).await, Err(PasswordError::Busy));
        drop(release);
        job.await.unwrap();
        assert_eq!(pool.run(|_| ()).await, Ok(()));
    }

    #[tokio::test]
    async fn threat_d1_a_full_queue_refuses_at_once() {
        let pool = pool(2, Duration::from_secs(3_600));
        let (release, job) = occupy(&pool).await;
        let waiting = [0, 1].map(|_| {
            let pool = pool.clone();
            tokio::spawn(async move { pool.run(|_| ()).await })
        });
        while pool.queue.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(pool.run(|_| ()).await, Err(PasswordError::Busy));
        drop(release);
        job.await.unwrap();
        for waiter in waiting {
            assert_eq!(waiter.await.unwrap(), Ok(()));
        }
    }

    #[tokio::test]
    async fn whoever_stops_waiting_leaves_the_queue() {
        let pool = pool(1, Duration::from_secs(3_600));
        let (release, job) = occupy(&pool).await;
        let waiter = tokio::spawn({
            let pool = pool.clone();
            async move { pool.run(|_| ()).await }
        });
        while pool.queue.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        waiter.abort();
        assert!(waiter.await.unwrap_err().is_cancelled());
        assert_eq!(pool.queue.available_permits(), 1);
        drop(release);
        job.await.unwrap();
    }

    #[tokio::test]
    async fn without_a_queue_an_idle_pool_still_works() {
        let pool = pool(0, Duration::ZERO);
        assert_eq!(pool.run(|_| ()).await, Ok(()));
        let (release, job) = occupy(&pool).await;
        assert_eq!(pool.run(|_| ()).await, Err(PasswordError::Busy));
        drop(release);
        job.await.unwrap();
    }

    #[tokio::test]
    async fn a_pool_tells_what_it_does() {
        fn told(pool: &HashingPool) -> String {
            let mut figures = Figures::default();
            pool.measure(&mut figures);
            let numbers = figures.families().iter().flat_map(|family| &family.samples);
            let numbers = numbers.map(|sample| match &sample.value {
                Value::Number(number) => number.to_string(),
                Value::Spread(spread) => spread.count().to_string(),
            });
            numbers.collect::<Vec<_>>().join(" ")
        }
        let pool = pool(0, Duration::ZERO);
        assert_eq!(told(&pool), "0 0 0 0 0 0");
        let (release, job) = occupy(&pool).await;
        assert_eq!(pool.run(|_| ()).await, Err(PasswordError::Busy));
        assert_eq!(told(&pool), "1 0 0 1 0 0");
        drop(release);
        job.await.unwrap();
        assert_eq!(told(&pool), "0 0 0 1 0 1");
    }

    #[tokio::test]
    async fn memory_is_handed_on_from_hash_to_hash() {
        let pool = pool(16, Duration::from_secs(3_600));
        for _ in 0..3 {
            pool.run(|_| ()).await.unwrap();
        }
        assert_eq!(pool.benches.lock().unwrap().len(), 1);
    }
}
