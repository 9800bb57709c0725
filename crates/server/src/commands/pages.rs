//! Lists that come in pages.

use std::collections::HashSet;

use clap::Args;
use serde_json::Value;

use super::client::{Client, CommandError};
use super::table::{Column, plain, plain_json, table};
use super::{Output, print};

/// Which part of a list.
#[derive(Debug, Clone, Args)]
pub struct Pages {
    /// Rows of a page, 1 to 200.
    #[arg(long, value_name = "N")]
    limit: Option<u16>,
    /// Where the page begins: what the page before ended with.
    #[arg(long, value_name = "CURSOR")]
    cursor: Option<String>,
    /// All pages, one after the other.
    #[arg(long, visible_alias = "follow-pages")]
    all: bool,
}

/// Prints a list: as JSON each page as it comes, a line each; for a person one table.
pub(super) fn list(
    client: &Client,
    path: &str,
    filter: (&str, Option<&str>),
    pages: &Pages,
    columns: &[Column],
    output: Output,
) -> Result<(), CommandError> {
    let limit = pages.limit.map(|limit| limit.to_string());
    let (mut cursor, mut rows) = (pages.cursor.clone(), Vec::new());
    let mut followed: HashSet<String> = cursor.iter().cloned().collect();
    loop {
        let query = [filter, ("limit", limit.as_deref()), ("cursor", cursor.as_deref())];
        let page = client.get(&[path], &query)?;
        let data = page.json.get("data").and_then(Value::as_array).ok_or_else(|| client.unreadable())?;
        if output == Output::Json {
            print(&format!("{}\n", plain_json(&page.text)));
        }
        rows.extend(data.iter().cloned());
        cursor = page.json.get("next_cursor").and_then(Value::as_str).map(ToOwned::to_owned);
        let Some(next) = cursor.clone().filter(|_| pages.all) else {
            break;
        };
        if !followed.insert(next) {
            return Err(client.same_cursor());
        }
        if output == Output::Json {
            rows.clear();
        }
    }
    if output == Output::Text {
        print(&table(columns, &rows));
        if let Some(next) = cursor {
            print(&format!("There are more: --cursor {}, or --all.\n", plain(&next)));
        }
    }
    Ok(())
}

/// Prints one row, or as JSON the answer as it came.
pub(super) fn row(text: &str, json: &Value, columns: &[Column], output: Output) {
    match output {
        Output::Json => print(&format!("{}\n", plain_json(text))),
        Output::Text => print(&table(columns, std::slice::from_ref(json))),
    }
}

/// Prints all rows of an answer that has no pages, or as JSON the answer as it came.
pub(super) fn rows(text: &str, json: &Value, columns: &[Column], output: Output) {
    let rows = json.get("data").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    match output {
        Output::Json => print(&format!("{}\n", plain_json(text))),
        Output::Text => print(&table(columns, rows)),
    }
}
