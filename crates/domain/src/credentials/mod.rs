//! Credentials: what the check of a key or a token needs to know, and the way from the store to it.
//!
//! Checking a credential is what a server does all day. What it needs is three small things, a key, an agent and an
//! account, each remembered and forgotten alone: [`Credentials`] is the port that the use cases ask, [`CredentialSource`]
//! the one that reads what is not remembered.

mod lookup;
mod record;
mod source;
mod uncached;

pub use lookup::*;
pub use record::*;
pub use source::*;
pub use uncached::*;
