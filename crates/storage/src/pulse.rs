//! Whether the database still answers, as the poller hears it forty times a second.
//!
//! A call that is under way when the database falls silent would wait for its whole deadline. The poller knows earlier,
//! and nothing is served without the database once its lease has lapsed: so nobody needs to wait longer than that.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// Longer than any server runs.
const NEVER: u64 = 100 * 365 * 86_400 * 1_000_000_000;
/// How long a call is given all the same: the poller's connection may be the only one that is gone.
const TRY: Duration = Duration::from_millis(250);

/// The last sign of life.
pub(crate) struct Pulse {
    base: Instant,
    /// Nanoseconds after `base`; zero while nobody listens.
    last: AtomicU64,
    /// For how many nanoseconds nothing was heard when the database counts as away.
    silence: AtomicU64,
    /// The number of the last revocation that was heard of.
    revocation: AtomicI64,
}

/// What was heard last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Heard {
    /// How long ago it was asked for.
    pub(crate) age: Duration,
    /// The number of the last revocation.
    pub(crate) last: i64,
}

impl Pulse {
    pub(crate) fn new() -> Self {
        Self {
            base: Instant::now(),
            last: AtomicU64::new(0),
            silence: AtomicU64::new(NEVER),
            revocation: AtomicI64::new(0),
        }
    }

    /// From now on the database counts as away when nothing was heard for so long.
    pub(crate) fn expect(&self, silence: Duration) {
        self.silence.store(nanos(silence), Ordering::Release);
    }

    /// The database has answered what it was asked at this moment, and everything up to this revocation was heard of.
    pub(crate) fn beat(&self, asked: Instant, revocation: i64) {
        self.revocation.store(revocation, Ordering::Relaxed);
        self.last.store(nanos(asked.saturating_duration_since(self.base)).max(1), Ordering::Release);
    }

    /// What was heard last; nothing while nobody listens.
    pub(crate) fn heard(&self) -> Option<Heard> {
        let last = match self.last.load(Ordering::Acquire) {
            0 => return None,
            after => self.base + Duration::from_nanos(after),
        };
        Some(Heard { age: last.elapsed(), last: self.revocation.load(Ordering::Relaxed) })
    }

    /// Nobody listens any longer.
    pub(crate) fn forget(&self) {
        self.last.store(0, Ordering::Release);
    }

    /// Ends when a call that began now need not wait any longer. Never, while nobody listens.
    pub(crate) async fn stopped(&self) {
        let tried = Instant::now() + TRY;
        loop {
            let last = match self.last.load(Ordering::Acquire) {
                0 => Instant::now(),
                after => self.base + Duration::from_nanos(after),
            };
            let end = tried.max(last + Duration::from_nanos(self.silence.load(Ordering::Acquire)));
            if end <= Instant::now() {
                return;
            }
            sleep_until(end).await;
        }
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use tokio::time::{advance, timeout};

    use super::*;

    fn heard_each_second() -> Pulse {
        let pulse = Pulse::new();
        pulse.expect(Duration::from_secs(1));
        pulse
    }

    async fn stops_within(pulse: &Pulse, millis: u64) -> bool {
        timeout(Duration::from_millis(millis), pulse.stopped()).await.is_ok()
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_is_let_go_when_nothing_was_heard_for_a_second() {
        let pulse = heard_each_second();
        advance(Duration::from_secs(5)).await;
        pulse.beat(Instant::now(), 0);
        assert!(!stops_within(&pulse, 990).await);
        assert!(stops_within(&pulse, 260).await);
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_is_tried_also_when_nothing_was_heard_for_long() {
        let pulse = heard_each_second();
        pulse.beat(Instant::now(), 0);
        advance(Duration::from_secs(60)).await;
        assert!(!stops_within(&pulse, 240).await);
        assert!(stops_within(&pulse, 260).await);
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_goes_on_while_the_database_answers_and_while_nobody_listens() {
        let pulse = heard_each_second();
        assert!(!stops_within(&pulse, 60_000).await);
        pulse.beat(Instant::now(), 0);
        pulse.forget();
        assert!(!stops_within(&pulse, 60_000).await);
        pulse.beat(Instant::now(), 0);
        let beats = async {
            for _ in 0..100 {
                advance(Duration::from_millis(25)).await;
                pulse.beat(Instant::now(), 0);
            }
        };
        tokio::select! {
            () = pulse.stopped() => panic!("it was let go"),
            () = beats => {}
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_heard_last_grows_old_and_is_forgotten() {
        let pulse = heard_each_second();
        assert_eq!(pulse.heard(), None);
        pulse.beat(Instant::now(), 7);
        advance(Duration::from_secs(3)).await;
        let heard = pulse.heard().unwrap();
        assert_eq!((heard.age.as_secs_f64().round(), heard.last), (3.0, 7));
        pulse.forget();
        assert_eq!(pulse.heard(), None);
    }
}
