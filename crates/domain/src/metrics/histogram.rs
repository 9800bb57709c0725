//! How often something had about which size.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// What a histogram measures.
#[derive(Debug)]
pub struct Scale {
    /// The upper bound of each bucket but the last, which has none; ascending, in units.
    pub bounds: &'static [u64],
    /// How many units are one of what is shown.
    pub units: f64,
}

/// Durations, from 25 µs to 10 s: counted in nanoseconds, shown in seconds.
pub static DURATIONS: Scale = Scale {
    bounds: &[
        25_000,
        50_000,
        100_000,
        250_000,
        500_000,
        1_000_000,
        2_500_000,
        5_000_000,
        10_000_000,
        25_000_000,
        50_000_000,
        100_000_000,
        250_000_000,
        500_000_000,
        1_000_000_000,
        2_500_000_000,
        5_000_000_000,
        10_000_000_000,
    ],
    units: 1e9,
};

/// Numbers of things, from 1 to 1,024.
pub static SIZES: Scale = Scale { bounds: &[1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024], units: 1.0 };

/// Counts by size, in fixed buckets.
#[derive(Debug)]
pub struct Histogram {
    scale: &'static Scale,
    buckets: Box<[AtomicU64]>,
    sum: AtomicU64,
}

/// A histogram as it was at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Spread {
    /// Each upper bound, as it is shown, and how many were not above it. The last bound is infinite.
    pub buckets: Vec<(f64, u64)>,
    /// The sum of all, as it is shown.
    pub sum: f64,
}

impl Histogram {
    /// An empty one.
    pub fn new(scale: &'static Scale) -> Self {
        let buckets = (0..=scale.bounds.len()).map(|_| AtomicU64::new(0)).collect();
        Self { scale, buckets, sum: AtomicU64::new(0) }
    }

    /// An empty one of durations.
    pub fn of_durations() -> Self {
        Self::new(&DURATIONS)
    }

    /// Counts one of this size, in units.
    pub fn record(&self, size: u64) {
        let bucket = self.scale.bounds.partition_point(|bound| *bound < size);
        if let Some(count) = self.buckets.get(bucket) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        self.sum.fetch_add(size, Ordering::Relaxed);
    }

    /// Counts one that took so long.
    pub fn took(&self, duration: Duration) {
        self.record(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX));
    }

    /// How it is now. What is counted meanwhile is in it or not.
    pub fn spread(&self) -> Spread {
        let bounds = self.scale.bounds.iter().map(|bound| *bound as f64 / self.scale.units);
        let mut count = 0;
        let buckets = bounds.chain([f64::INFINITY]).zip(&self.buckets).map(|(bound, bucket)| {
            count += bucket.load(Ordering::Relaxed);
            (bound, count)
        });
        Spread { buckets: buckets.collect(), sum: self.sum.load(Ordering::Relaxed) as f64 / self.scale.units }
    }
}

impl Spread {
    /// How many there were in all.
    pub fn count(&self) -> u64 {
        self.buckets.last().map_or(0, |(_, count)| *count)
    }

    /// Both together. They are of one scale.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        for ((_, count), (_, more)) in self.buckets.iter_mut().zip(&other.buckets) {
            *count += more;
        }
        self.sum += other.sum;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(spread: &Spread, bound: f64) -> u64 {
        spread.buckets.iter().find(|(upper, _)| *upper == bound).unwrap().1
    }

    #[test]
    fn a_bucket_holds_all_up_to_its_bound() {
        let histogram = Histogram::of_durations();
        for micros in [1, 25, 26, 50, 100_000_000] {
            histogram.took(Duration::from_micros(micros));
        }
        let spread = histogram.spread();
        assert_eq!((at(&spread, 0.000_025), at(&spread, 0.000_05), at(&spread, 10.0)), (2, 4, 4));
        assert_eq!((at(&spread, f64::INFINITY), spread.count()), (5, 5));
        assert!((spread.sum - 100.000_102).abs() < 1e-9, "{}", spread.sum);
    }

    #[test]
    fn two_of_them_add_up() {
        let histograms = [3, 70].map(|size| {
            let histogram = Histogram::new(&SIZES);
            histogram.record(size);
            histogram
        });
        let both = histograms[0].spread().and(&histograms[1].spread());
        assert_eq!((at(&both, 2.0), at(&both, 4.0), at(&both, 128.0), both.count()), (0, 1, 2, 2));
        assert_eq!(both.sum, 73.0);
    }
}
