//! Counting what happens in some seconds, and saying so.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::Fallible;

/// What is measured by: the machine's own time, which no other crate of ours reads.
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    #[allow(clippy::disallowed_methods, reason = "measuring time is what this program is for")]
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// Does it over and over for so many seconds, after a tenth of that to warm up, and prints how often it was done.
pub(crate) fn repeat(seconds: f64, mut once: impl FnMut() -> Fallible<()>) -> Fallible<()> {
    let warm_up = Stopwatch::start();
    while warm_up.elapsed().as_secs_f64() < seconds / 10.0 {
        once()?;
    }
    let watch = Stopwatch::start();
    let mut count = 0_u64;
    while watch.elapsed().as_secs_f64() < seconds {
        once()?;
        count += 1;
    }
    print(count, watch.elapsed());
    Ok(())
}

/// Prints the one line that is read by whoever has started the program.
pub(crate) fn print(count: u64, elapsed: Duration) {
    let per_second = count as f64 / elapsed.as_secs_f64();
    println!("{}", json!({ "count": count, "per_second": per_second }));
}
