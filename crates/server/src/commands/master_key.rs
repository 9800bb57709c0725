//! `keyward master-key …`: one master key takes the place of another.

use clap::Subcommand;
use serde_json::Value;
use ureq::http::Method;

use super::client::{Answer, Client, CommandError};
use super::pages;
use super::table::{Column, plain};
use super::{Output, print};

const COLUMNS: &[Column] = &[
    ("MASTER KEY", "fingerprint"),
    ("STATE", "state"),
    ("SINCE", "added_at"),
    ("THIS SERVER RUNS BY IT", "running"),
];

/// What to do with the master key.
#[derive(Debug, Clone, Copy, Subcommand)]
pub enum MasterKey {
    /// Show which master keys open the database.
    Status,
    /// Make a new one. A server that keeps its key itself goes over to it at once; else start every server with it,
    /// then finish.
    Rotate,
    /// Drop the old one, once the server runs by the new one.
    Finish,
    /// Drop the new one, while the server runs by the old one.
    Cancel,
}

pub(super) fn run(client: &Client, command: &MasterKey, output: Output) -> Result<(), CommandError> {
    let ask = |deed| client.send(Method::POST, &["master-key", deed], None);
    let answer = match command {
        MasterKey::Status => client.get(&["master-key"], &[])?,
        MasterKey::Rotate => ask("rotate")?,
        MasterKey::Finish => ask("finish")?,
        MasterKey::Cancel => ask("cancel")?,
    };
    show(&answer, output);
    Ok(())
}

fn show(answer: &Answer, output: Output) {
    pages::rows(&answer.text, &answer.json, COLUMNS, output);
    let waiting = answer.json.get("key_file").and_then(Value::as_str);
    if let (Some(file), Output::Text) = (waiting, output) {
        let file = plain(file);
        print(&format!(
            "The new key is in {file}, on the server that was asked: start every server with it, then finish.\n"
        ));
    }
}
