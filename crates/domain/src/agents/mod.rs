//! Agents: programs that act for an account, each with keys of its own.

mod agent;
mod error;
mod service;
mod store;

pub use agent::*;
pub use error::*;
pub use service::*;
pub use store::*;
