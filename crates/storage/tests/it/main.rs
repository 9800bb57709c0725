//! The storage adapter on real databases: the ports' contracts on both, and what is its own.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed expectation here is a failed test"
)]

mod backups;
mod contracts;
mod corruption;
mod databases;
mod erasure;
mod key_rows;
mod limits;
mod master_key_slots;
mod migrating;
mod opening;
mod outages;
mod poller;
mod postgres_outages;
mod restore;
mod revocation_order;
mod token_dump;
