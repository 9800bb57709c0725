//! Imports: what another system knew, taken over by an admin, in batches that can be sent again.

mod account;
mod service;
mod store;

pub use account::*;
pub use service::*;
pub use store::*;
