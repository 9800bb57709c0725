//! What the verb can be asked for.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// What to measure, and where to write it.
#[derive(Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    pub(super) action: Option<Action>,
    /// Few and short rounds: to see that everything runs, not to learn a number.
    #[arg(long, global = true)]
    pub(super) quick: bool,
    /// Of a debug build: to try the verb itself, never for numbers.
    #[arg(long, global = true)]
    pub(super) debug: bool,
    /// On PostgreSQL instead of SQLite.
    #[arg(long, global = true)]
    pub(super) postgres: bool,
    /// Writes everything that was measured as JSON.
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) json: Option<PathBuf>,
    /// Draws the ratios as SVG.
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) svg: Option<PathBuf>,
    /// Writes table and picture into the documentation.
    #[arg(long, global = true)]
    pub(super) docs: bool,
    /// Only these rows; without any, all of them.
    pub(super) rows: Vec<String>,
}

#[derive(Subcommand)]
pub(super) enum Action {
    /// Checks of keys among 10,000, 100,000 and 1,000,000 of them.
    Scale {
        /// How many keys, instead of these.
        #[arg(long, value_delimiter = ',', default_value = "10000,100000,1000000")]
        keys: Vec<u64>,
    },
}
