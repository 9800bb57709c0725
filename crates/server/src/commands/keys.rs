//! `keyward keys …`: what admins do with API keys, and with the keys that sign tokens.

use clap::Subcommand;
use serde_json::json;
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

const SIGNING_COLUMNS: &[Column] =
    &[("KEY", "kid"), ("ALGORITHM", "algorithm"), ("STATE", "state"), ("SINCE", "since")];

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
    /// Publish the next key that signs tokens. It takes over by itself once everybody can have fetched it.
    Rotate {
        /// The one that signs this dialect's tokens; without it each one's.
        #[arg(long, value_name = "NAME")]
        dialect: Option<String>,
    },
    /// Begin afresh after a theft: new keys sign from now on, and every token so far is refused.
    Replace {
        /// The one that signs this dialect's tokens; without it each one's.
        #[arg(long, value_name = "NAME")]
        dialect: Option<String>,
        /// That it is meant: everybody who holds a token logs in again.
        #[arg(long)]
        yes: bool,
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
        Keys::Rotate { dialect } => signing_keys(client, "rotate", dialect.as_deref(), output),
        Keys::Replace { yes: false, .. } => {
            Err(CommandError::NotMeant("replacing ends every token: say --yes"))
        }
        Keys::Replace { dialect, yes: true } => signing_keys(client, "replace", dialect.as_deref(), output),
    }
}

fn signing_keys(
    client: &Client,
    deed: &str,
    dialect: Option<&str>,
    output: Output,
) -> Result<(), CommandError> {
    let body = json!({ "dialect": dialect });
    let answer = client.send(Method::POST, &["signing-keys", deed], Some(&body))?;
    pages::rows(&answer.text, &answer.json, SIGNING_COLUMNS, output);
    Ok(())
}
