//! The machine's clock, behind the port.

use keyward_domain::time::{Clock, Instant};
use time::OffsetDateTime;

/// The machine's clock.
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "the home of the clock")]
    fn now(&self) -> Instant {
        OffsetDateTime::now_utc().into()
    }
}
