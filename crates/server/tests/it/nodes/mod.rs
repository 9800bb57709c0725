//! Two and three servers over one PostgreSQL, each a process of its own, while things are ended at one of them and the
//! others lose their poller, their database or their network.
//!
//! | file | holds |
//! |---|---|
//! | `ended.rs`, `killed.rs`, `frozen.rs`, `cut.rs`, `limits.rs` | the tests |
//! | `history.rs`, `outage.rs` | what was asked and answered, and what it must not hold |
//! | `node.rs`, `subject.rs`, `hammer.rs`, `lanes.rs` | servers, what is ended, who asks all the while |
//! | `cluster.rs`, `network.rs`, `link.rs` | a PostgreSQL and a network that can fail |
//! | `run.rs` | how often, and where the figures go |
//!
//! No wait proves anything here: threads ask all the time and write down when they began and what they were answered,
//! and a checker reads that history afterwards. `cargo xtask nodes --full` does the same at length.

mod cluster;
mod cut;
mod ended;
mod frozen;
mod hammer;
mod history;
mod killed;
mod lanes;
mod limits;
mod link;
mod network;
mod node;
mod outage;
mod run;
mod subject;
