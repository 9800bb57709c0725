//! The quota: GCRA as arithmetic, without a store or a clock.

use std::num::NonZeroU32;
use std::time::Duration;

use crate::time::Instant;

/// A limit: its full number at once, refilled evenly over its period.
///
/// All that is kept of a bucket is one moment, its *full time*: when all of the number will be back (the "theoretical
/// arrival time" of the algorithm). A bucket that nothing is kept of is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Quota {
    limit: NonZeroU32,
    period: Duration,
}

/// How a bucket stands, as a client is told: `X-RateLimit-Limit`, `-Remaining`, `-Reset`, `Retry-After`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The full number.
    pub limit: u32,
    /// How many would pass now.
    pub remaining: u32,
    /// When the next one will pass, if none would pass now; else when the full number is back.
    pub reset_at: Instant,
    /// How long until one passes; zero if one would pass now.
    pub wait: Duration,
}

/// Whether one passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It does. This is how the bucket stands behind it.
    Passed(Standing),
    /// It does not, and nothing was taken.
    Refused(Standing),
}

impl Decision {
    /// How the bucket stands now.
    pub const fn standing(&self) -> Standing {
        match self {
            Self::Passed(standing) | Self::Refused(standing) => *standing,
        }
    }
}

impl Quota {
    /// `limit` per `period`, which is taken as a microsecond per number at least.
    pub const fn new(limit: NonZeroU32, period: Duration) -> Self {
        Self { limit, period }
    }

    /// The full number.
    pub const fn limit(self) -> u32 {
        self.limit.get()
    }

    /// How long an empty bucket takes to be full.
    pub fn window_micros(self) -> i64 {
        self.interval_micros().saturating_mul(i64::from(self.limit.get()))
    }

    /// How long one takes to come back.
    pub fn interval_micros(self) -> i64 {
        let period = i64::try_from(self.period.as_micros()).unwrap_or(i64::MAX);
        (period / i64::from(self.limit.get())).max(1)
    }

    /// Takes one. `full_at` is what is kept of the bucket; what to keep from now on comes with a pass. With a refusal it
    /// comes only where what is kept cannot be true, because the clock was stepped back.
    pub fn take(self, full_at: Option<Instant>, now: Instant) -> (Decision, Option<Instant>) {
        let missing = self.missing_micros(full_at, now);
        let next = missing.saturating_add(self.interval_micros());
        if next > self.window_micros() {
            let corrected = self.is_stale(full_at, now).then(|| later(now, missing));
            return (Decision::Refused(self.standing_with(missing, now)), corrected);
        }
        (Decision::Passed(self.standing_with(next, now)), Some(later(now, next)))
    }

    /// Gives one back that was taken: what to keep from now on.
    pub fn give_back(self, full_at: Option<Instant>, now: Instant) -> Instant {
        later(now, self.missing_micros(full_at, now).saturating_sub(self.interval_micros()))
    }

    /// How the bucket stands.
    pub fn standing(self, full_at: Option<Instant>, now: Instant) -> Standing {
        self.standing_with(self.missing_micros(full_at, now), now)
    }

    fn standing_with(self, missing: i64, now: Instant) -> Standing {
        let interval = self.interval_micros();
        let room = self.window_micros().saturating_sub(missing);
        let remaining = u32::try_from(room.max(0) / interval).unwrap_or(u32::MAX).min(self.limit.get());
        let wait = if remaining == 0 { interval.saturating_sub(room) } else { 0 };
        let reset_at = later(now, if remaining == 0 { wait } else { missing });
        let wait = Duration::from_micros(u64::try_from(wait).unwrap_or(0));
        Standing { limit: self.limit.get(), remaining, reset_at, wait }
    }

    /// How far the bucket is from being full, in time. That can be more than an empty one is: where servers tell one
    /// another later what they took, or their clocks differ. If it is too much for that, the clock was stepped back and
    /// the bucket counts as empty, so that nobody is held up for longer than one period.
    fn missing_micros(self, full_at: Option<Instant>, now: Instant) -> i64 {
        if self.is_stale(full_at, now) { self.window_micros() } else { ahead_micros(full_at, now).max(0) }
    }

    /// Whether this full time cannot be true.
    fn is_stale(self, full_at: Option<Instant>, now: Instant) -> bool {
        ahead_micros(full_at, now) > self.most_missing_micros()
    }

    /// The furthest that a full time may lie ahead: two windows.
    pub fn most_missing_micros(self) -> i64 {
        self.window_micros().saturating_mul(2)
    }
}

fn ahead_micros(full_at: Option<Instant>, now: Instant) -> i64 {
    full_at.map_or(0, |full_at| full_at.unix_micros().saturating_sub(now.unix_micros()))
}

fn later(now: Instant, micros: i64) -> Instant {
    now.saturating_add(Duration::from_micros(u64::try_from(micros).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Instant {
        Instant::from_unix_micros(seconds * 1_000_000).unwrap()
    }

    fn quota(limit: u32, seconds: u64) -> Quota {
        Quota::new(NonZeroU32::new(limit).unwrap(), Duration::from_secs(seconds))
    }

    fn drained(quota: Quota, now: Instant) -> Option<Instant> {
        let mut kept = None;
        while let (Decision::Passed(_), next) = quota.take(kept, now) {
            kept = next;
        }
        kept
    }

    #[test]
    fn the_full_number_passes_at_once_and_then_one_by_one() {
        let (quota, mut kept, mut passed) = (quota(5, 60), None, 0);
        for second in 0..60 {
            if let (Decision::Passed(_), next) = quota.take(kept, at(second)) {
                (kept, passed) = (next, passed + 1);
            }
        }
        assert_eq!(passed, 5 + 4); // At 12, 24, 36 and 48 seconds.
    }

    #[test]
    fn what_a_client_is_told_is_true() {
        let quota = quota(5, 60);
        let full = quota.standing(None, at(0));
        assert_eq!((full.limit, full.remaining, full.reset_at, full.wait), (5, 5, at(0), Duration::ZERO));
        let empty = quota.standing(drained(quota, at(0)), at(2));
        assert_eq!((empty.remaining, empty.reset_at, empty.wait), (0, at(12), Duration::from_secs(10)));
        assert!(matches!(quota.take(drained(quota, at(0)), at(11)), (Decision::Refused(_), None)));
        let (decision, kept) = quota.take(drained(quota, at(0)), at(12));
        assert_eq!(decision, Decision::Passed(quota.standing(kept, at(12))));
        let some = quota.standing(drained(quota, at(0)), at(30));
        assert_eq!((some.remaining, some.reset_at, some.wait), (2, at(60), Duration::ZERO));
    }

    #[test]
    fn what_is_given_back_can_be_taken_again_and_no_more() {
        let quota = quota(3, 60);
        let kept = Some(quota.give_back(drained(quota, at(0)), at(0)));
        assert_eq!(quota.standing(kept, at(0)).remaining, 1);
        assert_eq!(quota.standing(Some(quota.give_back(None, at(0))), at(0)).remaining, 3);
    }

    #[test]
    fn threat_d8_a_clock_that_is_stepped_back_holds_nobody_up_for_longer_than_one_period() {
        let quota = quota(3, 60);
        let kept = drained(quota, at(1_000_000));
        let standing = quota.standing(kept, at(0));
        assert_eq!((standing.remaining, standing.wait), (0, Duration::from_secs(20)));
        let (decision, corrected) = quota.take(kept, at(0));
        assert_eq!((decision, corrected), (Decision::Refused(standing), Some(at(60))));
        assert!(matches!(quota.take(corrected, at(19)), (Decision::Refused(_), None)));
        assert!(matches!(quota.take(corrected, at(20)), (Decision::Passed(_), Some(_))));
    }

    #[test]
    fn a_bucket_that_owes_is_refused_for_as_long_as_a_client_is_told() {
        let quota = quota(3, 60);
        let kept = Some(at(100));
        let standing = quota.standing(kept, at(0));
        assert_eq!(
            (standing.remaining, standing.wait, standing.reset_at),
            (0, Duration::from_secs(60), at(60))
        );
        assert!(matches!(quota.take(kept, at(59)), (Decision::Refused(_), None)));
        assert!(matches!(quota.take(kept, at(60)), (Decision::Passed(_), Some(_))));
    }
}
