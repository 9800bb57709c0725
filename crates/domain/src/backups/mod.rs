//! Backups: the whole database as it stood at one moment, in a file that says itself whether it is whole.

mod file;
mod service;
mod store;

pub use file::*;
pub use service::*;
pub use store::*;
