//! What is counted, and what goes up and down.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// How many threads count without getting in each other's way.
const STRIPES: usize = 16;

static NEXT_STRIPE: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static STRIPE: usize = NEXT_STRIPE.fetch_add(1, Ordering::Relaxed) % STRIPES;
}

/// A number that only grows. Threads count in places of their own: one that all wrote to would travel between the cores
/// at each request.
#[derive(Debug, Default)]
pub struct Counter([Stripe; STRIPES]);

/// A cache line, and the one that the processor fetches beside it.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Stripe(AtomicU64);

impl Counter {
    /// One more.
    pub fn increment(&self) {
        // A thread that is ending has no number any more, and may count anywhere.
        let stripe = STRIPE.try_with(|stripe| *stripe).unwrap_or_default();
        if let Some(Stripe(count)) = self.0.get(stripe) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How many so far.
    pub fn get(&self) -> u64 {
        self.0.iter().map(|Stripe(count)| count.load(Ordering::Relaxed)).fold(0, u64::wrapping_add)
    }
}

/// A number that goes up and down, set by whoever knows it.
#[derive(Debug, Default)]
pub struct Gauge(AtomicU64);

impl Gauge {
    /// From now on it is this.
    pub fn set(&self, value: f64) {
        self.0.store(value.to_bits(), Ordering::Relaxed);
    }

    /// What was set last; zero at first.
    pub fn get(&self) -> f64 {
        f64::from_bits(self.0.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_count_of_every_thread_is_counted() {
        let counter = Counter::default();
        std::thread::scope(|scope| {
            for _ in 0..STRIPES + 4 {
                scope.spawn(|| (0..1_000).for_each(|_| counter.increment()));
            }
        });
        assert_eq!(counter.get(), 1_000 * (STRIPES as u64 + 4));
    }

    #[test]
    fn a_gauge_is_what_was_set_last() {
        let gauge = Gauge::default();
        assert_eq!(gauge.get(), 0.0);
        gauge.set(3.5);
        gauge.set(-1.25);
        assert_eq!(gauge.get(), -1.25);
    }
}
