//! A store in memory: every persistence port over one state behind one lock.
//!
//! It keeps the contract of each port word for word, so that services can be tested without a database. It can
//! be made to fail, and it writes down what it is asked.

mod accounts;
mod agents;
mod audit;
mod credentials;
mod deployment;
mod edit;
mod health;
mod idempotency;
mod imports;
mod keys;
mod outbox;
mod revocations;
mod sessions;
mod signing_keys;
mod single_use_tokens;
mod state;
mod store;

pub use store::MemoryStore;
