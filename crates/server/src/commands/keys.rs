//! `keyward keys …`: what admins do with API keys.

use clap::Subcommand;
use ureq::http::Method;

use super::client::{Client, CommandError};
use super::pages::{self, Pages};
use super::table::Column;
use super::{Output, print};

const COLUMNS: &[Column] = &[
    ("KEY", "key_id"),
    ("ACCOUNT", "account_id"),
    ("AGENT", "agent_id"),
    ("PREVIEW", "preview"),
    ("STATUS", "status"),
    ("CREATED", "created_at"),
    ("LAST USED", "last_used_at"),
];

/// What to do with keys.
#[derive(Debug, Clone, Subcommand)]
pub enum Keys {
    /// List API keys without their secrets, newest first.
    List {
        /// Those of this account.
        #[arg(long, value_name = "ID")]
        account: Option<String>,
        /// Which part of the list.
        #[command(flatten)]
        pages: Pages,
    },
    /// End an API key, for good.
    Revoke {
        /// The key's id.
        id: String,
    },
}

pub(super) fn run(client: &Client, command: &Keys, output: Output) -> Result<(), CommandError> {
    match command {
        Keys::List { account, pages } => {
            pages::list(client, "keys", ("account", account.as_deref()), pages, COLUMNS, output)
        }
        Keys::Revoke { id } => {
            client.send(Method::DELETE, &["keys", id], None)?;
            if output == Output::Text {
                print("revoked\n");
            }
            Ok(())
        }
    }
}
