//! The adapters of this crate against the contracts of their ports, and against the vectors of other programs.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed expectation here is a failed test"
)]

mod admin_keys;
mod idempotency;
mod keys;
mod master_key;
mod password_contract;
mod password_costs;
mod password_imports;
mod password_times;
mod sealing;
