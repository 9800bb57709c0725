//! What is told of connections.

use keyward_domain::metrics::{Counter, Figures, Gauge, Measured};

/// Counts connections. Whoever composes the server makes it, before anything listens.
#[derive(Debug, Default)]
pub struct ConnectionCounts {
    /// How many are open.
    pub(super) open: Gauge,
    /// Those refused because there were too many in all.
    pub(super) too_many: Counter,
    /// Those refused because there were too many from one address.
    pub(super) too_many_of_one: Counter,
}

impl Measured for ConnectionCounts {
    fn measure(&self, figures: &mut Figures) {
        figures.gauge("keyward_connections_open", "Connections of clients.").number(&[], self.open.get());
        figures
            .counter("keyward_connections_refused_total", "Connections too many, by which cap.")
            .count(&[("cap", "total")], self.too_many.get())
            .count(&[("cap", "per_address")], self.too_many_of_one.get());
    }
}
