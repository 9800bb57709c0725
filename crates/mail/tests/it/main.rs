//! Mail by way of real sockets and real files.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed expectation here is a failed test"
)]

mod disposable;
mod file;
mod foreign;
mod mails;
mod refusals;
mod smtp;
mod tls;
