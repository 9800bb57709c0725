//! Figures that a server tells of itself: how they are counted, and the port by which each part tells its own.
//!
//! # How to add a figure
//!
//! 1. The adapter counts: a [`Counter`], [`Gauge`] or [`Histogram`] in a field. Each is a plain function that neither
//!    locks nor allocates, so it may stand on the path of every request.
//! 2. The adapter's main type is [`Measured`]: it writes its families down when they are asked for. It blocks nowhere: a
//!    figure that rests in the database is read by the job that looks there anyway, which leaves it in a [`Gauge`].
//! 3. The composition adds the adapter to `sources`, and `docs/operating.md` gets a line: a test holds the two against
//!    each other.
//!
//! Names are Prometheus's: `keyward_`, the unit in the plural (`_seconds`, `_bytes`), `_total` behind what only grows.
//!
//! Security: a label's value is a `&'static str`. So no request can add a label, and neither a tenant nor an address, a
//! path or a secret can become one.

mod counter;
mod figures;
mod histogram;

pub use counter::{Counter, Gauge};
pub use figures::{Family, Figures, Kind, Labels, Measured, Sample, Value};
pub use histogram::{DURATIONS, Histogram, SIZES, Scale, Spread};
