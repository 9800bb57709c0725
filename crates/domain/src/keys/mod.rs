//! API keys: long-lived secrets, shown once, verified by MAC.

mod administration;
mod api_key;
mod attributes;
mod error;
mod foreign;
mod issuer;
mod mac;
mod management;
mod outcomes;
mod policy;
mod service;
mod store;
mod summary;
mod text;

pub use administration::KeyAdministration;
pub use api_key::*;
pub use attributes::*;
pub use error::*;
pub use foreign::ForeignKey;
pub use issuer::*;
pub use mac::*;
pub use management::{CreateKey, KeyManagement, KeyRoom, RotatedKey};
pub use policy::KeyPolicy;
pub use service::*;
pub use store::*;
pub use summary::{KeyCursor, KeySummary, KeysThat};
pub use text::{InvalidKeyText, KeyHandle, KeyPrefix, PresentedKey};
