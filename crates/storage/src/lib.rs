//! Keeps accounts, agents, keys and the audit trail in SQLite or PostgreSQL: one adapter, one set of queries.
//!
//! Two copies of `revoked_at IS NULL` would be one security bug waiting, so every query is written once, in diesel's
//! language, and runs on either database through `AnyConnection`. Each port of the domain has its file here, and a
//! port method is one atomic step: one hop to a blocking thread, one transaction.
//!
//! # How to add a query
//!
//! 1. Say in the port what it promises, and in the port's contract suite (`keyward-testkit`) what that means: MemoryStore,
//!    SQLite and PostgreSQL run the same assertions.
//! 2. In the port's file here, `self.db.read(…)` for a question, `self.db.write(…)` for a deed. A job gets a connection,
//!    owns what it needs, and is abandoned by `?`; whatever it wrote is then rolled back.
//! 3. A deed is compare-and-set: the condition stands in the `WHERE`, the number of affected rows says who won, and the
//!    event is appended in the same job. Never read, decide and write.
//!    A deed that changes what the check of a credential decides is `self.db.end(…)`: it names what it ended, and the rest
//!    follows (`revocations.rs`).
//! 4. A collision that the port has a name for is a `Unique` in `error.rs`, and
//!    `.map_err(EMAIL.means(…))` after the insert. No upsert: the derive has none.
//! 5. What diesel cannot say on both databases goes to `native/`, one pair of functions for each statement.
//!
//! # How to add a table
//!
//! 1. A migration of one name in both trees of `migrations/` (its README has the rules: native columns, named unique
//!    constraints, no defaults).
//! 2. The table in `schema.rs`, with `Id` and `Instant` for ids and moments.
//! 3. Its row in `rows/`: a private struct, `From` the domain's type and `TryFrom` back, where everything that the
//!    domain does not understand is `Corrupt` and names the column.
//! 4. What belongs together, in `integrity.rs`.
//!
//! # The map
//!
//! | file | what |
//! |---|---|
//! | `store.rs`, `url.rs`, `lock.rs`, `files.rs`, `migrate.rs`, `integrity.rs` | open, migrate, check, close |
//! | `backups.rs`, `restore.rs` | copy a SQLite database while it serves, and put a copy in its place |
//! | `accounts.rs` … `health.rs` | one for each port |
//! | `key_counts.rs` | how many keys an account has |
//! | `schema.rs`, `types.rs`, `rows/` | tables, and the way to the domain's types |
//! | `db.rs`, `pulse.rs`, `writer.rs` | permits, deadlines, transactions; SQLite's group commit |
//! | `counters.rs`, `limiter.rs` | what limits count: kept for the memory of SQLite's one server, exact for PostgreSQL's many |
//! | `revocations.rs`, `poller.rs` | what has ended: numbered, told, and asked for again and again beside other servers |
//! | `manager.rs`, `connection.rs`, `native/` | connecting, and what differs between the two databases |
//! | `measured.rs` | what is counted of all that, for whoever watches the server |
//! | `error.rs` | how a job ends badly, and what its caller is told |

mod accounts;
mod agents;
mod audit;
mod backups;
mod connection;
mod counters;
mod credentials;
mod db;
mod deployment;
mod error;
mod files;
mod health;
mod idempotency;
mod imports;
mod integrity;
mod key_counts;
mod keys;
mod limiter;
mod lock;
mod manager;
mod measured;
mod migrate;
mod native;
mod outbox;
mod poller;
mod pulse;
mod restore;
mod revocations;
mod rows;
mod schema;
mod sessions;
mod signing_keys;
mod single_use_tokens;
mod store;
mod types;
mod url;
mod writer;

// Linked from source, so that the binary needs nothing but libc; their features are all that is wanted of them.
use libsqlite3_sys as _;
use openssl_sys as _;
use pq_sys as _;

pub use limiter::SharedCounters;
pub use poller::Poller;
pub use restore::{CopyAtRest, RestorePlace};
pub use store::{OpenError, Store, StoreOptions};
pub use url::{DatabaseUrl, InvalidDatabaseUrl};
