//! What the derive cannot say: SQL by hand, one pair of functions per statement, bound values only.
//!
//! `sql_query` stands nowhere else.

pub(crate) mod counters;
pub(crate) mod postgres;
pub(crate) mod sqlite;

use diesel::dsl::sql;
use diesel::expression::SqlLiteral;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use crate::connection::AnyConnection;
use crate::rows::SubjectColumns;
use crate::schema::accounts;
use crate::types::StoredId;

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
    let tables = match connection {
        AnyConnection::Postgres(connection) => postgres::tables(connection)?,
        AnyConnection::Sqlite(_) => return Ok(false),
    };
    let is_ours = |table: &String| OURS.contains(&table.as_str());
    Ok(tables.iter().any(|table| table != MIGRATIONS) && !tables.iter().any(is_ours))
}

/// `accounts.status <> 'archived'`, word for word as in the index on e-mail addresses: neither database can use
/// a partial index for a condition whose value is bound.
pub(crate) fn is_not_archived() -> SqlLiteral<Bool> {
    sql::<Bool>("accounts.status <> 'archived'")
}

/// Whether the account exists; from now on until the transaction ends nobody else can change it, delete it, or add
/// what refers to it. SQLite has one writer, so that looking is enough.
pub(crate) fn lock_account(connection: &mut AnyConnection, id: StoredId) -> QueryResult<bool> {
    let account = accounts::table.find(id).select(accounts::id);
    let found: Option<StoredId> = match connection {
        AnyConnection::Postgres(connection) => account.for_update().first(connection).optional()?,
        AnyConnection::Sqlite(connection) => account.first(connection).optional()?,
    };
    Ok(found.is_some())
}
