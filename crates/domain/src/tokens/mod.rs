//! Access tokens: short-lived, signed, never stored; and the keys that sign them.

mod access_token;
mod error;
mod issuer;
mod logout;
mod rotated_away;
mod rotation;
mod rotation_service;
mod service;
mod signing;
mod signing_key;
mod signing_key_store;

pub use access_token::*;
pub use error::*;
pub use issuer::TokenIssuer;
pub use logout::*;
pub use rotated_away::RotatedAway;
pub use rotation::*;
pub use rotation_service::*;
pub use service::*;
pub use signing::*;
pub use signing_key::*;
pub use signing_key_store::*;
