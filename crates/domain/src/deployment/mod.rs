//! The deployment: one database, the one root secret from which all of its secrets derive, and the master keys that
//! open it. The root rests in the database, wrapped under each of them.

mod error;
mod fingerprint;
mod service;
mod slots;
mod store;
mod vault;

pub use error::*;
pub use fingerprint::Fingerprint;
pub use service::{KeyPlace, KnownMasterKey, MasterKeyService, MasterKeyStatus};
pub use slots::*;
pub use store::*;
pub use vault::*;
