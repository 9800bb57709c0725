//! The binary itself, as an operator meets it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a failed expectation here is a failed test"
)]

mod administration;
mod backup;
mod browser;
mod commands;
mod configuration;
mod crash;
mod drain;
mod foreign;
mod history;
mod imports;
mod leaks;
mod limits;
mod mail;
mod master_key;
mod nodes;
mod process;
mod readme;
mod refusals;
mod repeated;
mod serving;
mod slow_clients;
mod verification;
