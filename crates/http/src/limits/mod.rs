//! Limits as clients meet them: where a request comes from, what stands before its handler, and what its answer's
//! headers say.
//!
//! The order is size, limit by address, parse, authenticate, limit by subject, authorize, handle: `gate.rs` holds the
//! first limit, [`Cx::count`](crate::extract::Cx::count) the second, and each route says in its
//! [`RouteLimit`] which it has.

mod arrival;
mod gate;
mod headers;
mod proxies;
mod route_limit;

pub(crate) use arrival::Arrival;
pub(crate) use gate::{guarded_by, unrouted};
pub(crate) use headers::{describe, refuse, retry_after_seconds};
pub use proxies::TrustedProxies;
pub use route_limit::RouteLimit;
