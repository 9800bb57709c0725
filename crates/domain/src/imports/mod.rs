//! Imports: what another system knew, taken over by an admin, in batches that can be sent again.

mod account;
mod key;
mod keys;
mod service;
mod store;

pub use account::*;
pub use key::*;
pub use service::*;
pub use store::*;
