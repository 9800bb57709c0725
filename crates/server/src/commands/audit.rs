//! `keyward audit`: the audit trail.

use clap::Args;

use super::Output;
use super::client::{Client, CommandError};
use super::pages::{self, Pages};
use super::table::Column;

const COLUMNS: &[Column] = &[
    ("AT", "at"),
    ("ACTOR", "actor"),
    ("ACTION", "action"),
    ("TARGET", "target"),
    ("OUTCOME", "outcome"),
    ("REQUEST", "request_id"),
];

/// Which part of the trail.
#[derive(Debug, Clone, Args)]
pub struct Audit {
    /// What concerns this account.
    #[arg(long, value_name = "ID")]
    account: Option<String>,
    #[command(flatten)]
    pages: Pages,
}

pub(super) fn run(client: &Client, command: &Audit, output: Output) -> Result<(), CommandError> {
    let Audit { account, pages } = command;
    pages::list(client, "audit", ("account", account.as_deref()), pages, COLUMNS, output)
}
