//! Bare durable commits: one small row for each client, who waits until it is safe.

mod postgres;
mod sqlite;

use std::path::Path;

use crate::Fallible;

diesel::table! {
    notes (id) {
        id -> BigInt,
        body -> Binary,
    }
}

/// About as much as one column of ours with what it is indexed by.
const BODY: [u8; 200] = [7; 200];

/// Commits for so many clients on the database that the text names.
pub(crate) fn run(database: &str, seconds: f64, clients: usize) -> Fallible<()> {
    if database.starts_with("postgres") {
        postgres::run(database, seconds, clients)
    } else {
        sqlite::run(Path::new(database), seconds, clients)
    }
}

pub(crate) use postgres::make_durable;
