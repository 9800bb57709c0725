//! The figures of the surfaces: how many requests, how long each route takes, and who may read all of it.

mod request;
mod route;
mod traffic;

use std::sync::Arc;

use keyward_domain::metrics::{Figures, Measured};
use keyward_domain::text_enum;

pub(crate) use request::Running;
pub(crate) use route::{RouteMeter, method_name};
pub use traffic::Traffic;
pub(crate) use traffic::Worker;

text_enum! {
    /// Who may read the figures.
    pub enum MetricsAccess {
        /// Whoever reaches the route.
        Open = "open",
        /// Whoever shows an admin key.
        Admin = "admin",
    }
}

/// The figures of the whole server.
pub struct Metrics {
    /// Who may read them.
    pub access: MetricsAccess,
    /// What the surfaces count.
    pub traffic: Arc<Traffic>,
    /// What the other parts tell.
    pub sources: Vec<Arc<dyn Measured>>,
}

impl Metrics {
    /// All figures as they are now.
    pub(crate) fn measure(&self) -> Figures {
        let mut figures = Figures::default();
        self.traffic.measure(&mut figures);
        self.sources.iter().for_each(|source| source.measure(&mut figures));
        figures
    }
}

impl Default for Metrics {
    /// Open to whoever reaches the route, and with nothing but the surfaces' own.
    fn default() -> Self {
        Self { access: MetricsAccess::Open, traffic: Arc::default(), sources: Vec::new() }
    }
}
