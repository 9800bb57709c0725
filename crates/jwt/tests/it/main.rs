//! The key ring against its ports' contracts, against an outsider's library, and against forgers.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed expectation here is a failed test"
)]

mod claims;
mod deployment;
mod fixture;
mod headers;
mod key_ring;
mod reloading;
mod remembered;
mod rotation;
mod round_trip;
mod spellings;
