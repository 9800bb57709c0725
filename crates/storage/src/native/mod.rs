//! What the derive cannot say: SQL by hand, one pair of functions per statement, bound values only.
//!
//! `sql_query` stands nowhere else.

pub(crate) mod postgres;
pub(crate) mod sqlite;

use diesel::QueryResult;
use diesel::dsl::sql;
use diesel::expression::SqlLiteral;
use diesel::sql_types::Bool;

use crate::connection::AnyConnection;

/// Whether the table exists. Looks, and makes nothing.
pub(crate) fn table_exists(connection: &mut AnyConnection, table: &str) -> QueryResult<bool> {
    match connection {
        AnyConnection::Postgres(connection) => postgres::table_exists(connection, table),
        AnyConnection::Sqlite(connection) => sqlite::table_exists(connection, table),
    }
}

/// `accounts.status <> 'archived'`, word for word as in the index on e-mail addresses: neither database can use
/// a partial index for a condition whose value is bound.
pub(crate) fn is_not_archived() -> SqlLiteral<Bool> {
    sql::<Bool>("accounts.status <> 'archived'")
}
