//! What the store tells of itself: who waits for it, how long its answers take, and what the poller has heard.

use keyward_domain::metrics::{Counter, Figures, Histogram, Measured, SIZES};

use crate::Store;

/// What is counted where jobs wait, run and commit.
pub(crate) struct Tally {
    /// How long jobs waited for their turn, also those that got none.
    pub(crate) waits: Histogram,
    /// How long jobs took once it was their turn, until their callers were told.
    pub(crate) calls: Histogram,
    /// Jobs that got no turn: nothing was done.
    pub(crate) busy: Counter,
    /// Jobs whose callers were told nothing in time: it is not known what was done.
    pub(crate) late: Counter,
    /// How many jobs one commit of SQLite's writer had.
    pub(crate) batches: Histogram,
    /// How long these commits took.
    pub(crate) commits: Histogram,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            waits: Histogram::of_durations(),
            calls: Histogram::of_durations(),
            busy: Counter::default(),
            late: Counter::default(),
            batches: Histogram::new(&SIZES),
            commits: Histogram::of_durations(),
        }
    }
}

impl Measured for Store {
    fn measure(&self, figures: &mut Figures) {
        let tally = &self.db.tally;
        let (in_use, connections) = self.db.connections();
        figures
            .gauge("keyward_database_connections", "Connections that jobs may use at the same time.")
            .count(&[], connections as u64);
        figures
            .gauge("keyward_database_connections_in_use", "Connections that jobs use.")
            .count(&[], in_use as u64);
        figures
            .histogram("keyward_database_wait_seconds", "How long jobs waited for their turn.")
            .spread(&[], tally.waits.spread());
        figures
            .histogram("keyward_database_call_seconds", "How long jobs took when it was their turn.")
            .spread(&[], tally.calls.spread());
        figures
            .counter(
                "keyward_database_timeouts_total",
                "Jobs that were given up, by what their callers know.",
            )
            .count(&[("reason", "busy")], tally.busy.get())
            .count(&[("reason", "late")], tally.late.get());
        self.measure_writer(figures);
        self.measure_poller(figures);
    }
}

impl Store {
    /// Without samples on PostgreSQL, which has no writer of ours.
    fn measure_writer(&self, figures: &mut Figures) {
        let tally = &self.db.tally;
        let queued = self.db.queued();
        let family =
            figures.gauge("keyward_writer_jobs_waiting", "Jobs in the queue of SQLite's one writer.");
        queued.into_iter().for_each(|queued| {
            family.count(&[], queued as u64);
        });
        let family = figures.histogram("keyward_writer_batch_jobs", "How many jobs shared a commit.");
        if queued.is_some() {
            family.spread(&[], tally.batches.spread());
        }
        let family =
            figures.histogram("keyward_writer_commit_seconds", "How long the commits of the writer took.");
        if queued.is_some() {
            family.spread(&[], tally.commits.spread());
        }
    }

    /// Without samples where nobody polls.
    fn measure_poller(&self, figures: &mut Figures) {
        let heard = self.db.pulse.heard();
        let family = figures.gauge(
            "keyward_revocations_poll_age_seconds",
            "How long ago the last poll was sent that brought everything which other servers ended.",
        );
        heard.into_iter().for_each(|heard| {
            family.number(&[], heard.age.as_secs_f64());
        });
        let family =
            figures.gauge("keyward_revocations_last", "The number of the last revocation that was heard of.");
        heard.into_iter().for_each(|heard| {
            family.number(&[], heard.last as f64);
        });
    }
}
