//! What the derive cannot say: SQL by hand, one pair of functions per statement, bound values only.
//!
//! `sql_query` stands nowhere else.

pub(crate) mod copies;
pub(crate) mod counters;
mod locks;
pub(crate) mod postgres;
pub(crate) mod sqlite;

use diesel::dsl::sql;
use diesel::expression::SqlLiteral;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};

pub(crate) use self::locks::{is_let_in, lock_account, lock_due_mail};
use crate::connection::AnyConnection;
use crate::rows::SubjectColumns;

/// Whether the table exists. Looks, and makes nothing.
pub(crate) fn table_exists(connection: &mut AnyConnection, table: &str) -> QueryResult<bool> {
    match connection {
        AnyConnection::Postgres(connection) => postgres::table_exists(connection, table),
        AnyConnection::Sqlite(connection) => sqlite::table_exists(connection, table),
    }
}

/// Gives a revocation the next number, writes it down, and answers the number. From then until the commit nobody else
/// gets one.
pub(crate) fn number(connection: &mut AnyConnection, subject: SubjectColumns) -> QueryResult<i64> {
    match connection {
        AnyConnection::Postgres(connection) => postgres::number(connection, subject),
        AnyConnection::Sqlite(connection) => sqlite::number(connection, subject),
    }
}

/// A deliberate mistake: see `postgres::take_number_early`.
#[cfg(feature = "sabotage-plain-sequence")]
pub(crate) fn take_number_early(connection: &mut AnyConnection) -> QueryResult<()> {
    match connection {
        AnyConnection::Postgres(connection) => postgres::take_number_early(connection),
        AnyConnection::Sqlite(_) => Ok(()),
    }
}

/// Tables of ours that no other program is likely to have.
const OURS: [&str; 4] = ["deployment", "api_keys", "signing_keys", "audit_events"];
/// What diesel makes in every program's database.
const MIGRATIONS: &str = "__diesel_schema_migrations";

/// Whether there are tables and none of them is ours: somebody else's database. Looks, and makes nothing. A SQLite file
/// says itself whose it is, by its application id.
pub(crate) fn is_foreign(connection: &mut AnyConnection) -> QueryResult<bool> {
    let AnyConnection::Postgres(connection) = connection else { return Ok(false) };
    let tables = postgres::tables(connection)?;
    let is_ours = |table: &String| OURS.contains(&table.as_str());
    Ok(tables.iter().any(|table| table != MIGRATIONS) && !tables.iter().any(is_ours))
}

/// What a stored password begins with: as much as tells scheme and cost.
pub(crate) fn password_beginning(is_plain_bcrypt: bool) -> SqlLiteral<Text> {
    // `$2b$12$`; `$argon2id$v=19$m=19456,t=2,p=1$`.
    sql(if is_plain_bcrypt {
        "substr(accounts.password_hash, 1, 7)"
    } else {
        "substr(accounts.password_hash, 1, 31)"
    })
}

/// One of the stored passwords of a group.
pub(crate) fn one_password() -> SqlLiteral<Text> {
    sql("min(accounts.password_hash)")
}

/// `accounts.status <> 'archived'`, word for word as in the index on e-mail addresses: neither database can use
/// a partial index for a condition whose value is bound.
pub(crate) fn is_not_archived() -> SqlLiteral<Bool> {
    sql::<Bool>("accounts.status <> 'archived'")
}
