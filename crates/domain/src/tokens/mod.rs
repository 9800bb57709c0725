//! Access tokens: short-lived, signed, never stored; and the keys that sign them.

mod access_token;
mod error;
mod service;
mod signing;
mod store;

pub use access_token::*;
pub use error::*;
pub use service::*;
pub use signing::*;
pub use store::*;
