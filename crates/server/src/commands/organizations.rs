//! `keyward organizations …`: what admins do with organizations.

use clap::Subcommand;
use serde_json::json;
use ureq::http::Method;

use super::client::{Client, CommandError};
use super::table::Column;
use super::{Output, pages};

const COLUMNS: &[Column] = &[("ACCOUNT", "account_id"), ("KEY", "api_key")];

/// What to do with organizations.
#[derive(Debug, Clone, Subcommand)]
pub enum Organizations {
    /// Make an organization. Its key is shown now and never again.
    Create {
        /// What people call it.
        name: String,
    },
}

pub(super) fn run(client: &Client, command: &Organizations, output: Output) -> Result<(), CommandError> {
    let Organizations::Create { name } = command;
    let answer = client.send(Method::POST, &["organizations"], Some(&json!({"name": name})))?;
    pages::row(&answer.text, &answer.json, COLUMNS, output);
    Ok(())
}
