//! For tests only: fakes of the ports, the contract suites that every adapter runs, and a proxy that makes
//! networks fail.
//!
//! | what a test needs | where it is |
//! |---|---|
//! | a clock, randomness, MACs, passwords, tokens, sealing that do as they are told | [`clock`], [`entropy`], [`macs`], [`passwords`], [`tokens`], [`sealer`] |
//! | a mailer that sends nothing, and can fail | [`mail`] |
//! | an admin, and a server that is well | [`admin`] |
//! | copies of a database that can fail | [`backups`] |
//! | a server's master keys, that are names only | [`vault`] |
//! | throw-away mailboxes at one domain | [`disposable`] |
//! | limits that count in memory, and can fail | [`limits`] |
//! | a store without a database, that can fail and counts what it is asked | [`memory`] |
//! | valid things to put into a store | [`builders`] |
//! | the contract of each persistence port, as tests for its adapters | [`contracts`] |
//! | a network that fails on command | [`chaos`] |
//! | a mail server that does as a test says | `smtp` |
//! | a private key that signs whatever a test wants | `forgers_key` |
//! | the whole domain on all of these | [`domain`] |

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed expectation here is a failed test"
)]

pub mod admin;
#[cfg(feature = "app")]
pub mod app;
pub mod backups;
pub mod builders;
pub mod chaos;
pub mod clock;
pub mod contracts;
pub mod disposable;
pub mod domain;
pub mod entropy;
#[cfg(feature = "forge")]
pub mod forgers_key;
pub mod limits;
pub mod macs;
pub mod mail;
pub mod memory;
pub mod passwords;
#[cfg(feature = "postgres")]
pub mod postgres;
pub mod redis;
pub mod sealer;
#[cfg(feature = "smtp")]
pub mod smtp;
pub mod tokens;
pub mod vault;
