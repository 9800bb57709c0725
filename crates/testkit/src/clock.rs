//! A clock that stands still until a test moves it.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use keyward_domain::time::{Clock, Instant};

/// A clock that stands at [`FakeClock::START`] until it is moved. Share it by `Arc`.
#[derive(Debug)]
pub struct FakeClock(AtomicI64);

impl FakeClock {
    /// When every test begins, in microseconds since 1970: 2026-03-19T13:00:00Z.
    pub const START: i64 = 1_773_925_200_000_000;

    /// A clock that stands at the start.
    pub const fn new() -> Self {
        Self(AtomicI64::new(Self::START))
    }

    /// Moves it forward.
    pub fn advance(&self, by: Duration) {
        self.set(self.now().saturating_add(by));
    }

    /// Moves it anywhere, backward too.
    pub fn set(&self, to: Instant) {
        self.0.store(to.unix_micros(), Ordering::SeqCst);
    }
}

impl Default for FakeClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Instant {
        Instant::from_unix_micros(self.0.load(Ordering::SeqCst)).unwrap()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_starts_in_march_2026_and_moves_only_when_told() {
        let clock = FakeClock::new();
        assert_eq!(clock.now().to_string(), "2026-03-19T13:00:00Z");
        clock.advance(Duration::from_micros(1));
        assert_eq!(clock.now().to_string(), "2026-03-19T13:00:00.000001Z");
        clock.set(Instant::from_unix_micros(0).unwrap());
        assert_eq!(clock.now().to_string(), "1970-01-01T00:00:00Z");
    }
}
