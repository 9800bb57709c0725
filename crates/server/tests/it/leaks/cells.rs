//! Every cell of a database, past every adapter: what a thief of a copy would have.

use std::path::Path;

use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use diesel::{PgConnection, QueryableByName, SqliteConnection, sql_query};

#[derive(QueryableByName)]
struct Cell {
    #[diesel(sql_type = Nullable<Text>)]
    cell: Option<String>,
}

/// Each with its column. Bytes are written in hex.
pub(super) fn of_sqlite(path: &Path) -> Vec<(String, String)> {
    let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    let columns = "SELECT m.name || '.' || c.name AS cell FROM sqlite_master m, pragma_table_info(m.name) c \
                   WHERE m.type = 'table'";
    read(
        &mut connection,
        columns,
        "CASE typeof({}) WHEN 'blob' THEN '\\x' || lower(hex({})) ELSE CAST({} AS TEXT) END",
    )
}

/// Each with its column. Bytes are written in hex.
pub(super) fn of_postgres(url: &str) -> Vec<(String, String)> {
    let mut connection = PgConnection::establish(url).unwrap();
    let columns = "SELECT table_name || '.' || column_name AS cell FROM information_schema.columns \
                   WHERE table_schema = current_schema()";
    read(&mut connection, columns, "{}::text")
}

#[allow(clippy::disallowed_methods, reason = "the test looks past the adapter")]
fn read<C: diesel::connection::LoadConnection>(
    connection: &mut C,
    columns: &str,
    cast: &str,
) -> Vec<(String, String)>
where
    Cell: QueryableByName<C::Backend>,
    diesel::query_builder::SqlQuery: for<'a> diesel::query_dsl::LoadQuery<'a, C, Cell>,
{
    let listed: Vec<Cell> = sql_query(columns).load(connection).unwrap();
    assert!(listed.len() > 30, "the list of columns is not whole");
    let mut cells = Vec::new();
    for column in listed.into_iter().filter_map(|listed| listed.cell) {
        let (table, name) = column.split_once('.').unwrap();
        let value = cast.replace("{}", &format!("\"{name}\""));
        let found: Vec<Cell> =
            sql_query(format!("SELECT {value} AS cell FROM \"{table}\"")).load(connection).unwrap();
        cells.extend(found.into_iter().filter_map(|found| found.cell).map(|cell| (column.clone(), cell)));
    }
    cells
}
