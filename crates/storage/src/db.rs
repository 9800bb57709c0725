//! The hop from async callers to blocking queries: permits, deadlines, transactions.
//!
//! Whatever the database does, a caller has an answer within three seconds: it waits [`QUEUED`] at most for its turn
//! (else `Busy`, and nothing was done) and [`ANSWERED`] at most in all (else `Unavailable`, and nobody knows). Where a
//! poller listens, nobody waits for a database that it has not heard for a second. The thread behind a query that is
//! stuck keeps its permit until it ends, so that stuck queries cannot pile up.

use std::sync::Arc;
use std::time::Duration;

use diesel::connection::TransactionManager;
use keyward_domain::store::StoreError;
use tokio::sync::Semaphore;
use tokio::task::JoinError;
use tokio::time::{Instant, timeout_at};
use tracing::Instrument;

use crate::connection::AnyConnection;
use crate::error::{Abort, is_disconnected};
use crate::manager::{Lease, Pool, check_out};
use crate::measured::Tally;
use crate::pulse::Pulse;
use crate::revocations::{self, Audience, Ended, Notice};
use crate::writer::Writer;

/// How long a call may wait for its turn.
pub(crate) const QUEUED: Duration = Duration::from_millis(500);
/// How long a call may take in all.
pub(crate) const ANSWERED: Duration = Duration::from_millis(2_500);

/// The moments by which a call has its turn and its answer.
#[derive(Clone, Copy)]
pub(crate) struct Deadline {
    pub(crate) turn: Instant,
    pub(crate) answer: Instant,
}

impl Deadline {
    pub(crate) fn from(now: Instant) -> Self {
        Self { turn: now + QUEUED, answer: now + ANSWERED }
    }
}

/// What a caller is told whose call took too long.
pub(crate) fn too_late() -> StoreError {
    StoreError::Unavailable("no answer in time".to_owned())
}

/// What a caller is told whose job panicked. Trying again would panic again.
pub(crate) fn panicked() -> StoreError {
    StoreError::Corrupt("a query panicked".to_owned())
}

/// What a caller is told whose job came to no end.
fn unfinished(error: &JoinError) -> StoreError {
    if error.is_panic() {
        panicked()
    } else {
        StoreError::Unavailable("the server is shutting down".to_owned()) // The job never began.
    }
}

/// Runs jobs on the database.
#[derive(Clone)]
pub(crate) struct Db {
    pool: Pool,
    /// One for each connection of the pool: who has a permit need not wait for a connection that others hold.
    permits: Arc<Semaphore>,
    /// SQLite's; on PostgreSQL the pool's connections write.
    writer: Option<Arc<Writer>>,
    /// Who hears what was ended.
    pub(crate) audience: Audience,
    /// What the poller hears.
    pub(crate) pulse: Arc<Pulse>,
    pub(crate) tally: Arc<Tally>,
}

impl Db {
    pub(crate) fn new(pool: Pool, writer: Option<Writer>, tally: Arc<Tally>) -> Self {
        let permits = usize::try_from(pool.max_size()).unwrap_or(1);
        Self {
            pool,
            permits: Arc::new(Semaphore::new(permits)),
            writer: writer.map(Arc::new),
            audience: Audience::default(),
            pulse: Arc::new(Pulse::new()),
            tally,
        }
    }

    /// Runs jobs on another pool of the same database, beside this one: what the poller hears holds for both.
    pub(crate) fn beside(&self, pool: Pool) -> Self {
        Self { pulse: Arc::clone(&self.pulse), ..Self::new(pool, None, Arc::default()) }
    }

    /// How many connections are in use, and of how many.
    pub(crate) fn connections(&self) -> (usize, usize) {
        let all = usize::try_from(self.pool.max_size()).unwrap_or(1);
        (all.saturating_sub(self.permits.available_permits()), all)
    }

    /// How many jobs wait for SQLite's writer; `None` where there is none.
    pub(crate) fn queued(&self) -> Option<usize> {
        self.writer.as_ref().map(|writer| writer.queued())
    }

    /// Reads. The job may run twice: again, on another connection, when the first turned out to be gone.
    pub(crate) async fn read<T, E>(
        &self,
        job: impl Fn(&mut AnyConnection) -> Result<T, Abort<E>> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.hop(move |pool| {
            let mut lease = check_out(pool)?;
            let mut result = job(&mut lease.connection);
            if settle(&mut lease, &result) == Connected::No {
                drop(lease);
                lease = check_out(pool)?;
                result = job(&mut lease.connection);
                settle(&mut lease, &result);
            }
            result.map_err(Abort::into_answer)
        })
        .await
    }

    /// Writes, in one transaction: all that the job writes is durable when this is `Ok`, and nothing of it when the
    /// job is abandoned.
    pub(crate) async fn write<T, E>(
        &self,
        job: impl FnOnce(&mut AnyConnection) -> Result<T, Abort<E>> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.write_then(job, |done| done).await
    }

    /// Writes like [`write`](Self::write) a deed that ends something. What it ended is numbered in the same transaction,
    /// as its last statements. This process hears of it behind the commit and before the answer, also when the caller
    /// has gone away.
    pub(crate) async fn end<T, E>(
        &self,
        job: impl FnOnce(&mut AnyConnection) -> Result<Ended<T>, Abort<E>> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let audience = self.audience.clone();
        let numbered = move |connection: &mut AnyConnection| {
            #[cfg(feature = "sabotage-plain-sequence")]
            crate::native::take_number_early(connection)?;
            let Ended { answer, subjects } = job(connection)?;
            let notice = revocations::number(connection, &subjects)?;
            Ok((answer, notice))
        };
        let tell = move |(answer, notice): (T, Notice)| {
            audience.tell(&notice);
            answer
        };
        self.write_then(numbered, tell).await
    }

    /// Writes, and calls `then` behind the commit, on the thread that committed.
    async fn write_then<R, T, E>(
        &self,
        job: impl FnOnce(&mut AnyConnection) -> Result<R, Abort<E>> + Send + 'static,
        then: impl FnOnce(R) -> T + Send + 'static,
    ) -> Result<T, E>
    where
        R: Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        match &self.writer {
            Some(writer) => writer.write(job, then).instrument(tracing::debug_span!("database_write")).await,
            None => self.hop(move |pool| transact(pool, job).map(then)).await,
        }
    }

    /// Ends: what is queued is done, what comes later is `Unavailable`. Blocks until SQLite's writer is through.
    pub(crate) fn close(&self) {
        self.permits.close();
        if let Some(writer) = &self.writer {
            writer.close();
        }
    }

    /// Does what takes as long as it takes, such as copying everything, beside all that is asked of the database: it
    /// has no connection of the pool, no turn and no deadline. Whoever calls sees to it that there is one at a time.
    pub(crate) async fn apart<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        #[allow(clippy::disallowed_methods, reason = "this file is the home of the hop")]
        let thread = tokio::task::spawn_blocking(work);
        thread.await.map_err(|error| unfinished(&error))
    }

    async fn hop<T, E>(&self, work: impl FnOnce(&Pool) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.timed_hop(work).instrument(tracing::debug_span!("database")).await
    }

    async fn timed_hop<T, E>(&self, work: impl FnOnce(&Pool) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let asked = Instant::now();
        let deadline = Deadline::from(asked);
        let turn = timeout_at(deadline.turn, Arc::clone(&self.permits).acquire_owned()).await;
        let begun = Instant::now();
        self.tally.waits.took(begun - asked);
        let permit = match turn {
            Ok(Ok(permit)) => permit,
            Ok(Err(_closed)) => return Err(StoreError::Unavailable("the store is closed".to_owned()).into()),
            Err(_elapsed) => {
                self.tally.busy.increment();
                return Err(StoreError::Busy.into());
            }
        };
        let pool = self.pool.clone();
        #[allow(clippy::disallowed_methods, reason = "this file is the home of the hop")]
        let thread = tokio::task::spawn_blocking(move || {
            let result = work(&pool);
            drop(permit);
            result
        });
        let answer = tokio::select! {
            biased;
            answer = timeout_at(deadline.answer, thread) => answer,
            () = self.pulse.stopped() => {
                self.tally.late.increment();
                return Err(too_late().into());
            }
        };
        let took = begun.elapsed();
        self.tally.calls.took(took);
        tracing::debug!(duration_us = micros(took), "the database answered");
        match answer {
            Ok(Ok(result)) => result,
            Ok(Err(error)) => Err(unfinished(&error).into()),
            Err(_elapsed) => {
                self.tally.late.increment();
                Err(too_late().into())
            }
        }
    }
}

pub(crate) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// Runs the job in a transaction of its own. A connection that turns out to be gone at BEGIN is replaced once: nothing
/// has been asked of it yet.
fn transact<T, E: From<StoreError>>(
    pool: &Pool,
    job: impl FnOnce(&mut AnyConnection) -> Result<T, Abort<E>>,
) -> Result<T, E> {
    let mut lease = check_out(pool)?;
    let mut begun = begin::<E>(&mut lease.connection);
    if settle(&mut lease, &begun) == Connected::No {
        drop(lease);
        lease = check_out(pool)?;
        begun = begin(&mut lease.connection);
        settle(&mut lease, &begun);
    }
    begun.map_err(Abort::into_answer)?;
    lease.hold();
    let result = job(&mut lease.connection).and_then(|done| {
        AnyConnection::commit_transaction(&mut lease.connection)?;
        Ok(done)
    });
    let is_clean = result.is_ok() || AnyConnection::rollback_transaction(&mut lease.connection).is_ok();
    settle(&mut lease, &result);
    if !is_clean {
        lease.hold(); // Whatever is left of the transaction goes with the connection.
    }
    result.map_err(Abort::into_answer)
}

fn begin<E>(connection: &mut AnyConnection) -> Result<(), Abort<E>> {
    Ok(AnyConnection::begin_transaction(connection)?)
}

#[derive(PartialEq, Eq)]
enum Connected {
    Yes,
    No,
}

/// Gives the connection back in order, or marks it and its contemporaries as lost.
fn settle<T, E>(lease: &mut Lease, result: &Result<T, Abort<E>>) -> Connected {
    match result {
        Err(Abort::Failed(error)) if is_disconnected(error) => {
            lease.lost();
            Connected::No
        }
        Ok(_) | Err(_) => {
            lease.release();
            Connected::Yes
        }
    }
}

#[cfg(test)]
mod tests {
    use diesel::prelude::*;
    use keyward_domain::deployment::DeploymentStore;
    use keyward_domain::store::StoreHealth;
    use keyward_testkit::postgres::PostgresDatabase;

    use super::*;
    use crate::schema::deployment;
    use crate::{DatabaseUrl, Store, StoreOptions};

    fn open(url: &DatabaseUrl) -> Store {
        let store = Store::open(url, StoreOptions::default()).unwrap();
        store.migrate().unwrap();
        store
    }

    #[tokio::test]
    async fn a_job_that_was_cancelled_is_an_outage_and_no_corruption() {
        let cancelled = tokio::spawn(std::future::pending::<()>());
        cancelled.abort();
        let error = cancelled.await.unwrap_err();
        assert_eq!(unfinished(&error), StoreError::Unavailable("the server is shutting down".to_owned()));
        let panics = tokio::spawn(async { panic!("a job of a test panics on purpose") });
        let error = panics.await.unwrap_err();
        assert_eq!(unfinished(&error), panicked());
    }

    async fn survives_panics(store: &Store) {
        for _ in 0..20 {
            let read: Result<(), StoreError> =
                store.db.read(|_| panic!("a job of a test panics on purpose")).await;
            assert_eq!(read, Err(panicked()));
            let write: Result<(), StoreError> = store
                .db
                .write(|connection| {
                    diesel::insert_into(deployment::table)
                        .values((
                            deployment::id.eq(1),
                            deployment::master_key_fingerprint.eq([0; 32].as_slice()),
                        ))
                        .execute(connection)?;
                    panic!("a job of a test panics on purpose")
                })
                .await;
            assert_eq!(write, Err(panicked()));
        }
        assert_eq!(store.deployment().await, Ok(None));
        assert_eq!(store.ready().await, Ok(()));
    }

    #[tokio::test]
    async fn threat_d13_a_job_that_panics_harms_nobody_else_on_sqlite() {
        let folder = tempfile::tempdir().unwrap();
        survives_panics(&open(&DatabaseUrl::sqlite(folder.path().join("keyward.db")))).await;
    }

    #[tokio::test]
    async fn threat_d13_a_job_that_panics_harms_nobody_else_on_postgres() {
        let database = PostgresDatabase::create();
        survives_panics(&open(&database.url().parse().unwrap())).await;
    }
}
