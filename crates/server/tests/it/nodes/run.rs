//! How often things are done, and where the figures go.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;

/// A directory for files with what was measured.
const REPORT: &str = "KEYWARD_NODES_REPORT";

/// One of these tests runs at a time: each keeps a small machine busy, and measures.
static TURN: Mutex<()> = Mutex::new(());

/// Waits for the others to be done.
pub(super) fn turn() -> MutexGuard<'static, ()> {
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How often: what the variable says, else what is enough for every day.
#[allow(clippy::disallowed_methods, reason = "the long run is asked for from outside")]
pub(super) fn count(variable: &str, usual: usize) -> usize {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// Prints what was measured, and writes it down where that is asked for.
#[allow(clippy::disallowed_methods, reason = "the long run is asked for from outside")]
pub(super) fn report(name: &str, figures: &Value) {
    println!("{name}: {figures}");
    if let Ok(directory) = std::env::var(REPORT) {
        let path = Path::new(&directory).join(format!("{name}.json"));
        std::fs::write(path, format!("{figures:#}\n")).expect("a report");
    }
}

/// Median, 99th percentile and greatest, in milliseconds.
pub(super) fn spread(times: &[Duration]) -> Value {
    let mut sorted = times.to_vec();
    sorted.sort();
    let at = |part: f64| {
        let index = (sorted.len().saturating_sub(1) as f64 * part).ceil() as usize;
        sorted.get(index).map(|time| (time.as_secs_f64() * 10_000.0).round() / 10.0)
    };
    serde_json::json!({ "n": sorted.len(), "p50_ms": at(0.5), "p99_ms": at(0.99), "max_ms": at(1.0) })
}
