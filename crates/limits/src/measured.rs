//! What the counters in memory tell of themselves.

use keyward_domain::metrics::{Family, Figures, Measured};

use crate::{ExactMemory, TrafficMemory};

impl Measured for TrafficMemory {
    /// The exact counters' family too: on PostgreSQL, where they are not in memory, it has no samples.
    fn measure(&self, figures: &mut Figures) {
        figures
            .gauge("keyward_limit_buckets", "Buckets of general traffic that are held in memory.")
            .count(&[], self.len() as u64);
        exact(figures);
    }
}

impl Measured for ExactMemory {
    fn measure(&self, figures: &mut Figures) {
        exact(figures).count(&[], self.len() as u64);
    }
}

fn exact(figures: &mut Figures) -> &mut Family {
    figures.gauge("keyward_limit_counters", "Counters that guard credentials and are held in memory.")
}
