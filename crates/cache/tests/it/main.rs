//! The cache as its callers see it: over a store in memory that counts what it is asked, and over a source that a test
//! holds back.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed expectation here is a failed test"
)]

mod ended;
mod fixture;
mod flights;
mod half_heard;
mod heard_late;
mod lease;
mod rotated;
mod usage;
mod warm;
