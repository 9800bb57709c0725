//! The use cases of the domain, over a store in memory and fakes of everything else.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed expectation here is a failed test"
)]

mod account_states;
mod administration;
mod agents;
mod audit;
mod authentication;
mod backups;
mod ended_askers;
mod ending_tokens;
mod idempotency;
mod identities;
mod imports;
mod key_lifecycle;
mod key_text;
mod keys;
mod limits;
mod mail;
mod mailed_links;
mod managing_agents;
mod master_key;
mod outages;
mod password_logins;
mod profiles;
mod registration;
mod rotation;
mod rotation_due;
mod scopes;
mod sessions;
mod token_authentication;
mod token_exchange;
mod token_issue;
