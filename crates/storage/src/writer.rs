//! SQLite's one writer: a thread that commits many jobs at once.
//!
//! A commit waits for the disk, some milliseconds, and SQLite has one at a time. So the jobs that queue up during one
//! commit share the next: an outer transaction, in it a savepoint for each job, so that one caller's failure leaves its
//! neighbours alone, and one commit as soon as the queue is empty or [`BATCH`] jobs are in. Callers hear after the
//! commit, and when it fails all of them hear that.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use diesel::connection::{Connection, TransactionManager};
use diesel::result::Error;
use keyward_domain::store::StoreError;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout_at};

use crate::connection::AnyConnection;
use crate::db::{Deadline, micros, panicked, too_late};
use crate::error::{Abort, is_harmless, one_line, store_error};
use crate::measured::Tally;
use crate::native::sqlite::begin_immediate;

/// The most jobs of one commit.
const BATCH: usize = 64;
/// The most jobs that wait. At some thousand jobs a second nobody who waits behind so many gets a turn in time.
const QUEUE: usize = 1_024;

/// The writer thread's queue.
pub(crate) struct Writer {
    queue: Mutex<Option<mpsc::Sender<Box<dyn Job>>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    tally: Arc<Tally>,
}

impl Writer {
    /// Starts the thread. It takes over the connection, and opens another by `connect` should that one break. `held`
    /// is what must live as long as the thread does.
    pub(crate) fn start(
        connection: AnyConnection,
        connect: impl Fn() -> Result<AnyConnection, StoreError> + Send + 'static,
        held: impl Send + 'static,
        tally: Arc<Tally>,
    ) -> std::io::Result<Self> {
        let (queue, jobs) = mpsc::channel(QUEUE);
        let counts = Arc::clone(&tally);
        let thread = std::thread::Builder::new().name("keyward-writer".to_owned()).spawn(move || {
            serve(jobs, connection, connect, &counts);
            drop(held);
        })?;
        Ok(Self { queue: Mutex::new(Some(queue)), thread: Mutex::new(Some(thread)), tally })
    }

    /// Has the job done in a savepoint of its own and answers when it is durable: with what `then`, called on the
    /// writer's thread behind the commit, makes of its outcome.
    pub(crate) async fn write<R, T, E>(
        &self,
        job: impl FnOnce(&mut AnyConnection) -> Result<R, Abort<E>> + Send + 'static,
        then: impl FnOnce(R) -> T + Send + 'static,
    ) -> Result<T, E>
    where
        R: Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let asked = Instant::now();
        let deadline = Deadline::from(asked);
        let closed = || E::from(StoreError::Unavailable("the store is closed".to_owned()));
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner).clone().ok_or_else(closed)?;
        let (reply, mut answer) = oneshot::channel();
        let turn = Arc::new(AtomicBool::new(false));
        let job = Queued { turn: Arc::clone(&turn), job: Some(job), outcome: None, then, reply };
        match timeout_at(deadline.turn, queue.send(Box::new(job))).await {
            Ok(Ok(())) => drop(queue),
            Ok(Err(_closed)) => return Err(closed()),
            Err(_elapsed) => return Err(self.busy().into()),
        }
        match timeout_at(deadline.turn, &mut answer).await {
            Ok(answered) => {
                self.answered(asked);
                return answered.unwrap_or_else(|_| Err(closed()));
            }
            // Still in the queue: it is taken back, and `Busy` means that nothing was done.
            Err(_elapsed) if take_turn(&turn) => return Err(self.busy().into()),
            Err(_elapsed) => {}
        }
        match timeout_at(deadline.answer, answer).await {
            Ok(answered) => {
                self.answered(asked);
                answered.unwrap_or_else(|_| Err(closed()))
            }
            Err(_elapsed) => {
                self.tally.late.increment();
                Err(too_late().into())
            }
        }
    }

    fn busy(&self) -> StoreError {
        self.tally.busy.increment();
        StoreError::Busy
    }

    /// A write's whole way is counted as its call: waiting for others' commits is the better part of it.
    fn answered(&self, asked: Instant) {
        let took = asked.elapsed();
        self.tally.calls.took(took);
        tracing::debug!(duration_us = micros(took), "the database has written");
    }

    /// How many jobs wait.
    pub(crate) fn queued(&self) -> usize {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.as_ref().map_or(0, |queue| queue.max_capacity() - queue.capacity())
    }

    /// Takes no more jobs, and blocks until those in the queue are done.
    pub(crate) fn close(&self) {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).take();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            // It panics only if answering does, and then there is nobody left to tell.
            let _ = thread.join();
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.close();
    }
}

/// The first to ask gets the turn: the writer to do the job, or the caller to take it back.
#[must_use]
fn take_turn(turn: &AtomicBool) -> bool {
    !turn.swap(true, Ordering::AcqRel)
}

/// A job in the queue, whatever it answers.
trait Job: Send {
    /// Whether it is still wanted. From then on the caller waits for it.
    #[must_use]
    fn take_turn(&self) -> bool;
    /// Does it, and keeps what came of it.
    fn run(&mut self, connection: &mut AnyConnection) -> Result<(), Undo>;
    /// Takes back an outcome that its savepoint did not keep.
    fn fail(&mut self);
    /// Tells the caller, now that the batch is committed or could not be.
    fn answer(self: Box<Self>, committed: Result<(), StoreError>);
}

/// Why what a job wrote is rolled back.
enum Undo {
    /// The job was abandoned; its neighbours are unharmed.
    Abandoned,
    /// The database failed, and may have ended the whole transaction.
    Failed,
}

impl From<Error> for Undo {
    fn from(_: Error) -> Self {
        Self::Failed // The savepoint itself; what a job's statements say stays in its outcome.
    }
}

struct Queued<F, G, R, T, E> {
    turn: Arc<AtomicBool>,
    job: Option<F>,
    outcome: Option<Result<R, E>>,
    then: G,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<F, G, R, T, E> Job for Queued<F, G, R, T, E>
where
    F: FnOnce(&mut AnyConnection) -> Result<R, Abort<E>> + Send,
    G: FnOnce(R) -> T + Send,
    R: Send,
    T: Send,
    E: From<StoreError> + Send,
{
    fn take_turn(&self) -> bool {
        take_turn(&self.turn)
    }

    fn run(&mut self, connection: &mut AnyConnection) -> Result<(), Undo> {
        let Some(job) = self.job.take() else {
            return Ok(());
        };
        // What a panic leaves half-written on the connection is rolled back with the savepoint.
        let (outcome, end) = match catch_unwind(AssertUnwindSafe(|| job(connection))) {
            Ok(Ok(done)) => (Ok(done), Ok(())),
            Ok(Err(Abort::Failed(error))) if !is_harmless(&error) => {
                (Err(store_error(&error).into()), Err(Undo::Failed))
            }
            Ok(Err(abort)) => (Err(abort.into_answer()), Err(Undo::Abandoned)),
            Err(_panic) => (Err(panicked().into()), Err(Undo::Abandoned)),
        };
        self.outcome = Some(outcome);
        end
    }

    fn fail(&mut self) {
        if let Some(Ok(_)) = self.outcome {
            self.outcome = None;
        }
    }

    fn answer(self: Box<Self>, committed: Result<(), StoreError>) {
        let answer = match (self.outcome, committed) {
            (Some(Err(refused)), _) => Err(refused),
            (Some(Ok(done)), Ok(())) => Ok((self.then)(done)),
            (Some(Ok(_)) | None, Err(failed)) => Err(failed.into()),
            (None, Ok(())) => Err(StoreError::Unavailable("no savepoint".to_owned()).into()),
        };
        // A caller who has gone away is told nothing.
        let _ = self.reply.send(answer);
    }
}

fn serve(
    mut jobs: mpsc::Receiver<Box<dyn Job>>,
    connection: AnyConnection,
    connect: impl Fn() -> Result<AnyConnection, StoreError>,
    tally: &Tally,
) {
    let mut connection = Some(connection);
    while let Some(first) = jobs.blocking_recv() {
        let open = match connection.take() {
            Some(open) => Ok(open),
            None => connect(),
        };
        match open {
            Ok(mut open) => {
                if batch(&mut open, first, &mut jobs, tally) == Healthy::Yes {
                    connection = Some(open);
                }
            }
            Err(error) => {
                if first.take_turn() {
                    first.answer(Err(error));
                }
            }
        }
    }
}

#[derive(PartialEq, Eq)]
#[must_use]
enum Healthy {
    Yes,
    No,
}

/// One outer transaction: `first` and what is in the queue behind it.
fn batch(
    connection: &mut AnyConnection,
    first: Box<dyn Job>,
    jobs: &mut mpsc::Receiver<Box<dyn Job>>,
    tally: &Tally,
) -> Healthy {
    if let Err(error) = begin(connection) {
        if first.take_turn() {
            first.answer(Err(store_error(&error)));
        }
        return if is_harmless_at_begin(&error) { Healthy::Yes } else { Healthy::No };
    }
    let mut healthy = Healthy::Yes;
    let mut done = Vec::new();
    let mut next = Some(first);
    while let Some(mut job) = next.take() {
        if job.take_turn() {
            // Whoever failed so badly may have ended the outer transaction, and what followed would stand on its own.
            if let Err(Undo::Failed) = connection.transaction(|connection| job.run(connection)) {
                job.fail();
                healthy = Healthy::No;
            }
            done.push(job);
        }
        if healthy == Healthy::Yes && done.len() < BATCH {
            next = jobs.try_recv().ok();
        }
    }
    let committing = Instant::now();
    let committed = commit(connection);
    tally.commits.took(committing.elapsed());
    tally.batches.record(done.len() as u64);
    if committed.is_err() {
        healthy = Healthy::No;
    }
    for job in done {
        job.answer(committed.clone());
    }
    healthy
}

/// Commits the outer transaction, and nothing else: a savepoint that could not be released would be taken for it, and
/// callers would be told of a commit that never was.
fn commit(connection: &mut AnyConnection) -> Result<(), StoreError> {
    let depth = AnyConnection::transaction_manager_status_mut(connection).transaction_depth();
    if !depth.is_ok_and(|depth| depth.is_some_and(|depth| depth.get() == 1)) {
        return Err(StoreError::Unavailable("the transaction ended before its commit".to_owned()));
    }
    AnyConnection::commit_transaction(connection).map_err(|error| {
        StoreError::Unavailable(format!("the commit failed: {}", one_line(&error.to_string())))
    })
}

fn begin(connection: &mut AnyConnection) -> Result<(), Error> {
    match connection {
        AnyConnection::Sqlite(connection) => begin_immediate(connection),
        AnyConnection::Postgres(_) => AnyConnection::begin_transaction(connection),
    }
}

/// A stranger has the lock for the moment, such as somebody's backup; the connection is as good as before.
fn is_harmless_at_begin(error: &Error) -> bool {
    store_error(error) == StoreError::Busy
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;
    use std::sync::mpsc::{Sender, channel};
    use std::time::Duration;

    use diesel::connection::{InstrumentationEvent, SimpleConnection};
    use diesel::prelude::*;
    use tempfile::TempDir;
    use tokio::task::JoinHandle as Task;

    use super::*;
    use crate::manager::{Role, connect};
    use crate::url::DatabaseUrl;

    diesel::table! {
        notes (id) {
            id -> BigInt,
        }
    }

    /// A writer over a table whose references are checked at the commit.
    struct Fixture {
        writer: Arc<Writer>,
        commits: Arc<AtomicUsize>,
        url: DatabaseUrl,
        _folder: TempDir,
    }

    impl Fixture {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let url = DatabaseUrl::sqlite(folder.path().join("notes.db"));
            let mut connection = connect(&url, Role::Writing).unwrap();
            connection
                .batch_execute(
                    "CREATE TABLE notes (
                        id INTEGER PRIMARY KEY,
                        parent INTEGER REFERENCES notes (id) DEFERRABLE INITIALLY DEFERRED
                    ) STRICT",
                )
                .unwrap();
            let commits = Arc::new(AtomicUsize::new(0));
            let count = Arc::clone(&commits);
            connection.set_instrumentation(move |event: InstrumentationEvent<'_>| {
                if let InstrumentationEvent::CommitTransaction { depth, .. } = event
                    && depth.get() == 1
                {
                    count.fetch_add(1, Ordering::Relaxed);
                }
            });
            let again = url.clone();
            let reconnect = move || connect(&again, Role::Writing).map_err(|_| StoreError::Busy);
            let writer = Arc::new(Writer::start(connection, reconnect, (), Arc::default()).unwrap());
            Self { writer, commits, url, _folder: folder }
        }

        fn spawn<T: Send + 'static>(
            &self,
            job: impl FnOnce(&mut AnyConnection) -> Result<T, Abort<StoreError>> + Send + 'static,
        ) -> Task<Result<T, StoreError>> {
            let writer = Arc::clone(&self.writer);
            tokio::spawn(async move { writer.write(job, |done| done).await })
        }

        /// Keeps the writer busy with one job until the sender is dropped.
        async fn hold(&self) -> (Sender<()>, Task<Result<(), StoreError>>) {
            let (release, held) = channel();
            let (started, start) = oneshot::channel();
            let job = self.spawn(move |_| {
                let _ = started.send(());
                let _ = held.recv();
                Ok(())
            });
            start.await.unwrap();
            (release, job)
        }

        /// Waits until so many jobs are in the queue.
        async fn queued(&self, jobs: usize) {
            let queue = self.writer.queue.lock().unwrap().clone().unwrap();
            while queue.max_capacity() - queue.capacity() < jobs {
                tokio::task::yield_now().await;
            }
        }

        fn notes(&self) -> Vec<i64> {
            let mut connection = connect(&self.url, Role::Serving).unwrap();
            notes::table.select(notes::id).order(notes::id).load(&mut connection).unwrap()
        }
    }

    fn insert(
        values: &'static str,
    ) -> impl FnOnce(&mut AnyConnection) -> Result<(), Abort<StoreError>> + Send {
        move |connection| {
            Ok(connection.batch_execute(&format!("INSERT INTO notes (id, parent) VALUES {values}"))?)
        }
    }

    #[tokio::test]
    async fn jobs_that_queue_up_share_one_commit() {
        let fixture = Fixture::new();
        let (release, held) = fixture.hold().await;
        let jobs: Vec<_> = ["(1, NULL)", "(2, NULL)", "(3, NULL)"]
            .into_iter()
            .map(|values| fixture.spawn(insert(values)))
            .collect();
        fixture.queued(3).await;
        drop(release);
        held.await.unwrap().unwrap();
        for job in jobs {
            job.await.unwrap().unwrap();
        }
        assert_eq!(fixture.commits.load(Ordering::Relaxed), 1);
        assert_eq!(fixture.notes(), [1, 2, 3]);
        let batches = fixture.writer.tally.batches.spread();
        assert_eq!((batches.count(), batches.sum, fixture.writer.queued()), (1, 4.0, 0));
    }

    #[tokio::test]
    async fn a_job_that_fails_leaves_its_neighbours_alone() {
        let fixture = Fixture::new();
        let (release, held) = fixture.hold().await;
        let first = fixture.spawn(insert("(1, NULL)"));
        fixture.queued(1).await;
        let taken = fixture.spawn(insert("(2, NULL), (1, NULL)"));
        let refused: Task<Result<(), _>> = fixture.spawn(|connection| {
            insert("(3, NULL)")(connection)?;
            Err(Abort::Refused(StoreError::Busy))
        });
        let panicking: Task<Result<(), _>> = fixture.spawn(|connection| {
            insert("(4, NULL)")(connection)?;
            panic!("a job of a test panics on purpose")
        });
        let last = fixture.spawn(insert("(5, NULL)"));
        fixture.queued(5).await;
        drop(release);
        held.await.unwrap().unwrap();
        assert_eq!(first.await.unwrap(), Ok(()));
        assert!(matches!(taken.await.unwrap(), Err(StoreError::Corrupt(_))));
        assert_eq!(refused.await.unwrap(), Err(StoreError::Busy));
        assert_eq!(panicking.await.unwrap(), Err(panicked()));
        assert_eq!(last.await.unwrap(), Ok(()));
        assert_eq!(fixture.notes(), [1, 5]);
        assert_eq!(fixture.commits.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn a_commit_that_fails_is_an_outage_for_all_and_the_next_one_is_good() {
        let fixture = Fixture::new();
        let (release, held) = fixture.hold().await;
        let good = fixture.spawn(insert("(1, NULL)"));
        let dangling = fixture.spawn(insert("(2, 99)"));
        fixture.queued(2).await;
        drop(release);
        for job in [held, good, dangling] {
            assert!(matches!(job.await.unwrap(), Err(StoreError::Unavailable(_))));
        }
        assert_eq!(fixture.notes(), Vec::<i64>::new());
        assert_eq!(fixture.writer.write(insert("(3, NULL)"), |done| done).await, Ok(()));
        assert_eq!(fixture.notes(), [3]);
    }

    #[tokio::test]
    async fn threat_d5_a_job_that_waits_too_long_is_busy_and_never_done() {
        let fixture = Fixture::new();
        let (release, held) = fixture.hold().await;
        assert_eq!(fixture.writer.write(insert("(1, NULL)"), |done| done).await, Err(StoreError::Busy));
        drop(release);
        held.await.unwrap().unwrap();
        assert_eq!(fixture.writer.write(insert("(2, NULL)"), |done| done).await, Ok(()));
        assert_eq!(fixture.notes(), [2]);
    }

    #[tokio::test]
    async fn threat_d5_a_job_that_hangs_is_answered_in_time() {
        let fixture = Fixture::new();
        let (release, held) = fixture.hold().await;
        let answer = tokio::time::timeout(Duration::from_secs(3), held).await.unwrap();
        assert_eq!(answer.unwrap(), Err(too_late()));
        drop(release);
    }

    #[tokio::test]
    async fn closing_finishes_what_is_queued() {
        let fixture = Fixture::new();
        let (release, held) = fixture.hold().await;
        let job = fixture.spawn(insert("(1, NULL)"));
        fixture.queued(1).await;
        let closing = std::thread::spawn({
            let writer = Arc::clone(&fixture.writer);
            move || writer.close()
        });
        drop(release);
        closing.join().unwrap();
        held.await.unwrap().unwrap();
        assert_eq!(job.await.unwrap(), Ok(()));
        assert_eq!(fixture.notes(), [1]);
        assert!(matches!(
            fixture.writer.write(insert("(2, NULL)"), |done| done).await,
            Err(StoreError::Unavailable(_))
        ));
    }

    #[tokio::test]
    async fn threat_d5_a_full_disk_is_an_outage_for_who_needs_space_and_good_again_by_itself() {
        let fixture = Fixture::new();
        let (release, held) = fixture.hold().await;
        let small = fixture.spawn(insert("(1, NULL)"));
        fixture.queued(1).await;
        let large = fixture.spawn(|connection| {
            connection.batch_execute("PRAGMA max_page_count = 3")?;
            Ok(connection.batch_execute(
                "WITH RECURSIVE numbers (id) AS (SELECT 2 UNION ALL SELECT id + 1 FROM numbers WHERE id < 9999)
                 INSERT INTO notes (id) SELECT id FROM numbers",
            )?)
        });
        fixture.queued(2).await;
        drop(release);
        held.await.unwrap().unwrap();
        assert_eq!(small.await.unwrap(), Ok(()));
        assert_eq!(large.await.unwrap(), Err(StoreError::Unavailable("database or disk is full".to_owned())));
        assert_eq!(fixture.notes(), [1]);
        assert_eq!(fixture.writer.write(insert("(2, NULL)"), |done| done).await, Ok(()));
    }
}
