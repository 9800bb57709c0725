//! The whole app over HTTP, in process.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a failed expectation here is a failed test"
)]

mod admin;
mod agent_attacks;
mod agents;
mod agora;
mod backups;
mod bodies;
mod coverage;
mod ended_tokens;
mod fakes;
mod forged;
mod forward_auth;
mod golden;
mod hashing;
mod hosts;
mod ignored_bodies;
mod jwks;
mod limits;
mod login_bytes;
mod mail;
mod master_key;
mod metrics;
mod one_story;
mod openapi;
mod operations;
mod outage;
mod panics;
mod portal;
mod rotation;
mod route_coverage;
mod scrape;
mod trucore_keys;
mod trucore_mail;
