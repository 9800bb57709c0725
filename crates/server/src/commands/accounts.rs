//! `keyward accounts …`: what admins do with accounts.

use clap::Subcommand;
use serde_json::json;
use ureq::http::Method;

use super::client::{Client, CommandError};
use super::pages::{self, Pages};
use super::table::Column;
use super::{Output, print};

const COLUMNS: &[Column] = &[
    ("ACCOUNT", "account_id"),
    ("NAME", "display_name"),
    ("EMAIL", "email"),
    ("STATUS", "status"),
    ("PLAN", "plan"),
    ("CREATED", "created_at"),
];

/// What to do with accounts.
#[derive(Debug, Clone, Subcommand)]
pub enum Accounts {
    /// List accounts, newest first.
    List {
        /// Those with this e-mail address.
        #[arg(long)]
        email: Option<String>,
        /// Which part of the list.
        #[command(flatten)]
        pages: Pages,
    },
    /// Stop an account for now.
    Suspend {
        /// The account's id.
        id: String,
    },
    /// Lift a suspension.
    Resume {
        /// The account's id.
        id: String,
    },
    /// End an account, for good.
    Archive {
        /// The account's id.
        id: String,
    },
    /// Put an account on a plan.
    Plan {
        /// The account's id.
        id: String,
        /// free, pro or enterprise.
        plan: String,
    },
    /// Delete a person's data, for good; ids stay in the audit trail.
    Erase {
        /// The account's id.
        id: String,
        /// It is meant.
        #[arg(long)]
        yes: bool,
    },
}

pub(super) fn run(client: &Client, command: &Accounts, output: Output) -> Result<(), CommandError> {
    let post = |id: &str, deed: &str| client.send(Method::POST, &["accounts", id, deed], None);
    let answer = match command {
        Accounts::List { email, pages } => {
            return pages::list(client, "accounts", ("email", email.as_deref()), pages, COLUMNS, output);
        }
        Accounts::Suspend { id } => post(id, "suspend")?,
        Accounts::Resume { id } => post(id, "resume")?,
        Accounts::Archive { id } => post(id, "archive")?,
        Accounts::Plan { id, plan } => {
            client.send(Method::PUT, &["accounts", id, "plan"], Some(&json!({"plan": plan})))?
        }
        Accounts::Erase { yes: false, .. } => {
            return Err(CommandError::NotMeant("erasing cannot be undone: say --yes"));
        }
        Accounts::Erase { id, yes: true } => {
            client.send(Method::DELETE, &["accounts", id], None)?;
            if output == Output::Text {
                print("erased\n");
            }
            return Ok(());
        }
    };
    pages::row(&answer.text, &answer.json, COLUMNS, output);
    Ok(())
}
