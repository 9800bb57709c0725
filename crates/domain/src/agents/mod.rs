//! Agents: programs that act for an account, each with keys of its own.

mod agent;
mod attributes;
mod avatar;
mod changing;
mod creating;
mod error;
mod outcomes;
mod page;
mod rekeying;
mod risk_profile;
mod service;
mod store;

pub use agent::*;
pub use attributes::*;
pub use avatar::*;
pub use creating::*;
pub use error::*;
pub use page::*;
pub use risk_profile::*;
pub use service::*;
pub use store::*;
