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
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

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
    patience: Duration,
    /// As many as hashes have ever run at the same time: a bench is taken for a hash and put back.
    benches: Arc<Mutex<Vec<Workbench>>>,
    done: Arc<Mutex<BTreeMap<HashCost, u64>>>,
}

impl HashingPool {
    /// An idle pool: threads and memory come with the first hash.
    pub fn new(limits: HashingLimits) -> Self {
        Self {
            threads: Arc::new(Semaphore::new(limits.threads.clamp(1, 2))),
            queue: Semaphore::new(limits.queue.min(Semaphore::MAX_PERMITS)),
            patience: limits.patience,
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
        let thread = self.thread().await.ok_or(PasswordError::Busy)?;
        let (benches, done) = (self.benches.clone(), self.done.clone());
        let job = aside::run(move || {
            let taken = benches.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let mut bench = taken.unwrap_or_else(|| Workbench::new(done));
            let result = work(&mut bench);
            benches.lock().unwrap_or_else(PoisonError::into_inner).push(bench);
            drop(thread); // Last, so that there are never more benches than threads.
            result
        });
        let outcome = job.await.map_err(|NoThread| PasswordError::Busy)?;
        Ok(outcome.unwrap_or_else(|payload| panic::resume_unwind(payload)))
    }

    /// The right to one of the threads, if it is to be had in time.
    async fn thread(&self) -> Option<OwnedSemaphorePermit> {
        if let Ok(free) = self.threads.clone().try_acquire_owned() {
            return Some(free);
        }
        let _place = self.queue.try_acquire().ok()?;
        timeout(self.patience, self.threads.clone().acquire_owned()).await.ok()?.ok()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

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
    async fn memory_is_handed_on_from_hash_to_hash() {
        let pool = pool(16, Duration::from_secs(3_600));
        for _ in 0..3 {
            pool.run(|_| ()).await.unwrap();
        }
        assert_eq!(pool.benches.lock().unwrap().len(), 1);
    }
}
