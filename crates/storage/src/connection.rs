//! The one connection type over both databases: queries are written once and run on either.

use diesel::{PgConnection, SqliteConnection};

/// A connection to PostgreSQL or SQLite.
///
/// Never `AnyConnection::establish`: the derived one opens whatever PostgreSQL refuses as a fresh SQLite file.
/// The [manager](crate::manager) chooses by the URL's scheme.
#[derive(diesel::MultiConnection)]
pub(crate) enum AnyConnection {
    /// PostgreSQL, by libpq.
    Postgres(PgConnection),
    /// SQLite, compiled in.
    Sqlite(SqliteConnection),
}
