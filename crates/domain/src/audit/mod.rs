//! The audit trail: what happened, as data that commits with the deed and carries its own MAC.

mod event;
mod store;
mod trail;

pub use event::*;
pub use store::*;
pub use trail::{AuditMac, AuditTrail, Deed};
