//! What a measurement gives, and what is made of many.

use serde_json::{Value, json};

/// What one measurement of some seconds gives.
#[derive(Debug, Clone, Copy)]
pub(super) struct Outcome {
    /// How often it was done in a second.
    pub(super) per_second: f64,
    /// How often it was done in all.
    pub(super) count: f64,
    /// How long it took, where that was seen from outside.
    pub(super) latency: Option<Latency>,
    /// How much of its core's time the server spent on one, in microseconds.
    pub(super) server_us: Option<f64>,
    /// How often it failed.
    pub(super) failed: u64,
}

impl Outcome {
    /// What a program did that has no clients.
    pub(super) const fn bare(per_second: f64) -> Self {
        Self { per_second, count: 0.0, latency: None, server_us: None, failed: 0 }
    }
}

/// How long answers took, in milliseconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Latency {
    pub(super) p50: f64,
    pub(super) p99: f64,
}

/// Where the middle of some numbers is, and how far they reach.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spread {
    pub(super) median: f64,
    pub(super) low: f64,
    pub(super) high: f64,
}

impl Spread {
    /// Of at least one number.
    pub(super) fn of(numbers: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut sorted: Vec<f64> = numbers.into_iter().collect();
        sorted.sort_by(f64::total_cmp);
        let middle = |at: usize| sorted.get(at).copied();
        let median = f64::midpoint(middle(sorted.len().checked_sub(1)? / 2)?, middle(sorted.len() / 2)?);
        Some(Self { median, low: *sorted.first()?, high: *sorted.last()? })
    }

    pub(super) fn json(self) -> Value {
        json!({ "median": self.median, "low": self.low, "high": self.high })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(Spread::of([3.0, 1.0, 2.0]).unwrap().median, 2.0);
        assert_eq!(Spread::of([4.0, 1.0, 2.0, 3.0]).unwrap().median, 2.5);
        assert!(Spread::of([]).is_none());
    }
}
