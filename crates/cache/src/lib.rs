//! Remembers how credentials stand, so that a warm check asks no database, and forgets it in time.
//!
//! [`CredentialCache`] serves the domain's port `Credentials` over its `CredentialSource`.
//!
//! # What may be trusted
//!
//! * Key, agent and account are three small entries, each remembered and forgotten alone: suspending an account
//!   touches one.
//! * What was read is remembered only if nothing near it was forgotten since before it was read. A look-up that was
//!   under way during a revocation serves the request that asked, and is remembered by nobody.
//! * Whoever asks while the same look-up is under way joins it, unless anything was forgotten since it began.
//! * Beside other servers, what is remembered is worth something only for a short while after the last time at which
//!   this one is known to have heard of everything: the [lease](CredentialCache::new). Then requests wait, and then they
//!   are refused as an outage. None reads past the lease by itself.
//!
//! # The map
//!
//! | file | what |
//! |---|---|
//! | `credential_cache.rs` | the port: recall, find, wait |
//! | `memory.rs`, `shelf.rs` | what is remembered, and the counters that keep a late answer out |
//! | `flights.rs` | look-ups under way, one for each thing, gathered into one query |
//! | `lease.rs` | for how long what is remembered may be trusted |
//! | `measured.rs` | what is told of all that to whoever watches the server |
//! | `usage.rs` | when keys were last used, for the next batch |
//! | `sync.rs` | locks and atomics: the machine's, or those that the schedule search drives |

mod credential_cache;
mod flights;
mod lease;
mod measured;
mod memory;
#[cfg(test)]
mod schedules;
mod shelf;
mod sync;
mod usage;

pub use credential_cache::{CacheOptions, CredentialCache};
pub use lease::Lease;
