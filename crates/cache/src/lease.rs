//! For how long what is remembered may be trusted.

use std::time::{Duration, Instant};

use crate::sync::{AtomicU64, Ordering};

/// For how long what is remembered may be trusted, counted from the last time at which this server is known to have
/// heard of everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lease {
    /// For ever: no other process can end anything.
    Alone,
    /// For so long after a poll was sent that brought everything.
    AfterEachPoll(Duration),
}

/// A lease that runs.
pub(crate) struct Running {
    lease: Lease,
    /// What all moments are counted from.
    base: Instant,
    /// Nanoseconds after `base` at which the lease lapses.
    until: AtomicU64,
}

impl Running {
    /// A lease that has lapsed already, unless it is for ever.
    pub(crate) fn new(lease: Lease, base: Instant) -> Self {
        Self { lease, base, until: AtomicU64::new(0) }
    }

    /// Everything that was committed before `asked` has been heard of.
    ///
    /// Security: counted from when the question was sent, not from when it was answered: an answer may have lain in a
    /// queue while others ended things.
    pub(crate) fn extend(&self, asked: Instant) {
        if let Lease::AfterEachPoll(duration) = self.lease {
            self.until.fetch_max(self.nanos(asked + duration), Ordering::AcqRel);
        }
    }

    /// How long ago everything was heard of last; `None` where nothing need be heard of, or nothing was yet.
    pub(crate) fn age(&self, now: Instant) -> Option<Duration> {
        match (self.lease, self.until.load(Ordering::Acquire)) {
            (Lease::Alone, _) | (_, 0) => None,
            (Lease::AfterEachPoll(duration), until) => Some(
                (now.saturating_duration_since(self.base) + duration)
                    .saturating_sub(Duration::from_nanos(until)),
            ),
        }
    }

    /// Whether what is remembered may be trusted now. `now` is asked only if that matters.
    pub(crate) fn is_current(&self, now: impl FnOnce() -> Instant) -> bool {
        if cfg!(feature = "sabotage-no-lease") {
            return true;
        }
        match self.lease {
            Lease::Alone => true,
            Lease::AfterEachPoll(_) => self.nanos(now()) < self.until.load(Ordering::Acquire),
        }
    }

    /// Whether everything that was committed before this moment has been heard of.
    pub(crate) fn has_heard_since(&self, moment: Instant) -> bool {
        match self.lease {
            Lease::Alone => true,
            Lease::AfterEachPoll(duration) => {
                self.until.load(Ordering::Acquire) > self.nanos(moment + duration)
            }
        }
    }

    fn nanos(&self, moment: Instant) -> u64 {
        u64::try_from(moment.saturating_duration_since(self.base).as_nanos()).unwrap_or(u64::MAX)
    }
}
