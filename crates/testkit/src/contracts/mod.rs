//! The contract of each persistence port as tests: the same assertions, the same errors and the same order for
//! every adapter.
//!
//! An adapter writes one function that gives [`Stores`] over a new, empty database, and one line for each
//! kind of database that it serves:
//!
//! ```text
//! async fn sqlite_stores() -> Stores { … }
//!
//! keyward_testkit::port_contracts!(sqlite, crate::sqlite_stores);
//! ```
//!
//! That makes one test of each sentence of the contracts, such as `sqlite::keys::a_key_is_revoked_once`. Limiters have a
//! contract of their own, for [`Limiters`] and with `limiter_contracts!`, since not every one is a database.
//!
//! To add a sentence: a `pub async fn` in the suite's file, and its name in `list.rs`. A test of this
//! crate fails if either is forgotten.

pub mod account_pages;
pub mod accounts;
pub mod agent_changes;
pub mod agent_keys;
pub mod agents;
pub mod audit;
pub mod credentials;
pub mod deployment;
pub mod epochs;
pub mod erasure;
mod frame;
pub mod health;
pub mod idempotency;
pub mod imports;
pub mod key_lifecycle;
pub mod key_limits;
pub mod key_pages;
pub mod key_rotations;
pub mod keys;
mod limiters;
pub mod limits;
mod list;
pub mod logins;
pub mod master_key_slots;
pub mod outbox;
pub mod password_examples;
pub mod password_resets;
pub mod plans;
mod race;
pub mod registration;
pub mod registration_races;
pub mod revocations;
pub mod round_trip;
mod same;
pub mod sessions;
pub mod signing_key_rotation;
pub mod signing_keys;
pub mod single_use_tokens;
pub mod standings;
pub mod statuses;
mod stores;

pub use limiters::Limiters;
pub use stores::Stores;

/// Runs one contract on a runtime with several threads, so that racers race.
pub fn run<S>(stores: impl AsyncFnOnce() -> S, contract: impl AsyncFnOnce(&S)) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    let stores = runtime.block_on(async {
        let stores = stores().await;
        contract(&stores).await;
        stores
    });
    drop(stores); // Outside the runtime's own threads: what keeps a database alive may block when it goes.
}
