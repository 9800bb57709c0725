//! Revocations: what has ended, so that no server goes on trusting what it remembers of it.
//!
//! Every deed that changes what the check of a credential decides names its subjects. The store numbers them in the
//! order in which the deeds become visible, tells its own process before the deed is answered, and lets every other
//! process read them by number.

mod listener;
mod revocation;
mod store;

pub use listener::*;
pub use revocation::*;
pub use store::*;
