//! The guard of one identity: after some failures in a row a delay that grows.
//!
//! An attempt is counted before its password is looked at, and forgotten when it succeeds, so that any number of
//! attempts at the same time count like as many in a row. Keys and live tokens are never held up by it.

use std::time::Duration;

use crate::secret::Digest;
use crate::time::Instant;

/// Whose guard: a MAC over an identity as it was typed, whether or not it exists, and perhaps over a network too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GuardKey(pub Digest);

/// When attempts are held up, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GuardPolicy {
    /// How many fail before the delay begins.
    pub free_failures: u32,
    /// The first delay. Each further failure doubles it.
    pub first_delay: Duration,
    /// The longest delay.
    pub longest_delay: Duration,
    /// After how long without an attempt all is forgotten.
    pub forgotten_after: Duration,
}

/// What is kept of one guard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GuardState {
    /// How many attempts were made since the last one that succeeded.
    pub failures: u32,
    /// When the last one was made.
    pub last_at: Instant,
}

/// Whether an attempt may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// It may, and is counted.
    Allowed,
    /// Not before this long, and it is not counted.
    Wait(Duration),
}

impl GuardState {
    /// What is left when an attempt is taken back.
    pub fn withdrawn(self) -> Option<Self> {
        let failures = self.failures.checked_sub(1).filter(|left| *left > 0)?;
        Some(Self { failures, ..self })
    }
}

impl GuardPolicy {
    /// Ten failures, then one second, two, four … a quarter of an hour; all is forgotten after a day. Within a day that
    /// is about a hundred attempts.
    pub const DEFAULT: Self = Self {
        free_failures: 10,
        first_delay: Duration::from_secs(1),
        longest_delay: Duration::from_secs(15 * 60),
        forgotten_after: Duration::from_secs(24 * 60 * 60),
    };

    /// One attempt: whether it may be made, and what to keep if so. If not, something is to be kept only where what is
    /// kept cannot be true, because the clock was stepped back.
    pub fn attempt(&self, kept: Option<GuardState>, now: Instant) -> (Attempt, Option<GuardState>) {
        let kept = kept.filter(|kept| kept.last_at.saturating_add(self.forgotten_after) > now);
        let failures = kept.map_or(0, |kept| kept.failures);
        let corrected = kept.and_then(|kept| self.corrected(kept, now));
        let wait = corrected.or(kept).map_or(Duration::ZERO, |kept| self.wait(kept, now));
        if wait > Duration::ZERO {
            return (Attempt::Wait(wait), corrected);
        }
        (Attempt::Allowed, Some(GuardState { failures: failures.saturating_add(1), last_at: now }))
    }

    /// How long after the last attempt the next one may be made.
    pub fn delay(&self, failures: u32) -> Duration {
        let Some(beyond) = failures.checked_sub(self.free_failures) else {
            return Duration::ZERO;
        };
        let factor = 1_u32.checked_shl(beyond).unwrap_or(u32::MAX);
        self.first_delay.saturating_mul(factor).min(self.longest_delay)
    }

    fn wait(&self, kept: GuardState, now: Instant) -> Duration {
        let ready = kept.last_at.saturating_add(self.delay(kept.failures));
        let micros = ready.unix_micros().saturating_sub(now.unix_micros());
        Duration::from_micros(u64::try_from(micros).unwrap_or(0))
    }

    /// What is true in place of an attempt that would have been made later than now. Clocks of several servers differ by
    /// less than a delay: beyond that the clock was stepped back, and it holds nobody up for longer than the delay.
    fn corrected(&self, kept: GuardState, now: Instant) -> Option<GuardState> {
        let latest = now.saturating_add(self.delay(kept.failures));
        (kept.last_at > latest).then_some(GuardState { last_at: now, ..kept })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Instant {
        Instant::from_unix_micros(seconds * 1_000_000).unwrap()
    }

    #[test]
    fn threat_g2_ten_attempts_are_free_and_then_each_waits_longer() {
        let (policy, mut kept) = (GuardPolicy::DEFAULT, None);
        for _ in 0..10 {
            let (attempt, next) = policy.attempt(kept, at(0));
            assert_eq!(attempt, Attempt::Allowed);
            kept = next;
        }
        let mut now = 0;
        for wait in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900] {
            assert_eq!(policy.attempt(kept, at(now)), (Attempt::Wait(Duration::from_secs(wait)), None));
            now += i64::try_from(wait).unwrap();
            let (attempt, next) = policy.attempt(kept, at(now));
            assert_eq!(attempt, Attempt::Allowed);
            kept = next;
        }
    }

    #[test]
    fn threat_g2_a_day_of_guessing_is_about_a_hundred_attempts() {
        let (policy, mut kept, mut made) = (GuardPolicy::DEFAULT, None, 0);
        for second in 0..24 * 60 * 60 {
            if let (Attempt::Allowed, next) = policy.attempt(kept, at(second)) {
                (kept, made) = (next, made + 1);
            }
        }
        assert!((100..=120).contains(&made), "{made}");
    }

    #[test]
    fn all_is_forgotten_after_a_day_without_an_attempt() {
        let policy = GuardPolicy::DEFAULT;
        let kept = Some(GuardState { failures: 50, last_at: at(0) });
        let day = 24 * 60 * 60;
        assert_eq!(policy.attempt(kept, at(day)).1, Some(GuardState { failures: 1, last_at: at(day) }));
    }

    #[test]
    fn threat_d8_a_clock_that_is_stepped_back_waits_no_longer_than_the_delay() {
        let policy = GuardPolicy::DEFAULT;
        let kept = Some(GuardState { failures: 10, last_at: at(1_000_000) });
        let (attempt, corrected) = policy.attempt(kept, at(0));
        assert_eq!(attempt, Attempt::Wait(Duration::from_secs(1)));
        assert_eq!(corrected, Some(GuardState { failures: 10, last_at: at(0) }));
        assert_eq!(policy.attempt(corrected, at(1)).0, Attempt::Allowed);
    }

    #[test]
    fn an_attempt_that_was_withdrawn_leaves_those_before_it() {
        let state = |failures| GuardState { failures, last_at: at(7) };
        assert_eq!(state(2).withdrawn(), Some(state(1)));
        assert_eq!(state(1).withdrawn(), None);
    }
}
