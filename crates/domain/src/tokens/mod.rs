//! Access tokens: short-lived, signed, never stored; and the keys that sign them.

mod access_token;
mod error;
mod logout;
mod service;
mod signing;

pub use access_token::*;
pub use error::*;
pub use logout::*;
pub use service::*;
pub use signing::*;
