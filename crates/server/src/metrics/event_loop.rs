//! How late the event loops are: whatever blocks one stalls every request of its worker.

use std::sync::Arc;
use std::time::Duration;

use keyward_domain::metrics::{Figures, Histogram, Measured};
use tokio::time::{Instant, sleep_until};

/// How often each loop is asked.
const INTERVAL: Duration = Duration::from_millis(100);

/// The lag of all event loops.
pub(crate) struct EventLoops {
    lag: Histogram,
}

impl Default for EventLoops {
    fn default() -> Self {
        Self { lag: Histogram::of_durations() }
    }
}

impl EventLoops {
    /// Asks the loop that this runs on to wake it, again and again, and counts how much later it does. A timer has a
    /// millisecond of its own.
    pub(crate) async fn watch(self: Arc<Self>) {
        loop {
            let due = Instant::now() + INTERVAL;
            sleep_until(due).await;
            self.lag.took(due.elapsed());
        }
    }
}

impl Measured for EventLoops {
    fn measure(&self, figures: &mut Figures) {
        figures
            .histogram("keyward_event_loop_lag_seconds", "How late the event loops woke a task that was due.")
            .spread(&[], self.lag.spread());
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::timeout;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn threat_d12_a_loop_that_is_blocked_is_seen() {
        let loops = Arc::new(EventLoops::default());
        let watched = timeout(Duration::from_millis(150), Arc::clone(&loops).watch()).await;
        assert!(watched.is_err());
        assert_eq!((loops.lag.spread().count(), loops.lag.spread().sum < 0.01), (1, true));

        let watch = loops.clone().watch();
        let block = async {
            tokio::time::advance(Duration::from_millis(700)).await; // Nobody is woken meanwhile.
            std::future::pending::<()>().await;
        };
        let both = async { tokio::join!(watch, block) };
        assert!(timeout(Duration::from_millis(750), both).await.is_err());
        assert!(loops.lag.spread().sum >= 0.6, "{:?}", loops.lag.spread());
    }
}
