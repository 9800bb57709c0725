//! SQLite: the settings of a connection, and statements that the derive lacks.

#![allow(clippy::disallowed_methods, reason = "this folder is the home of SQL by hand")]

use diesel::connection::{AnsiTransactionManager, SimpleConnection};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use diesel::{QueryableByName, SqliteConnection, sql_query};

use crate::rows::SubjectColumns;
use crate::types::{Id, Instant};

/// Every connection. The one process has one writer, so that waiting for a lock means a stranger holds it, such as
/// somebody's backup.
const EVERY: &str = "\
    PRAGMA busy_timeout = 200;\
    PRAGMA foreign_keys = ON;\
    PRAGMA trusted_schema = OFF;\
    PRAGMA synchronous = FULL;";

/// The connection that writes. What is deleted is overwritten with zeros, so that nothing of an erased account is left
/// on the file's free pages.
const WRITER: &str = "PRAGMA secure_delete = ON";

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// The application id of our files (SQLite's "Database File Format", section 1.3.18): "Keyw", in ASCII.
pub(crate) const APPLICATION_ID: [u8; 4] = *b"Keyw";

/// Marks an empty file as ours, in its header. It must come before the write-ahead log, which would keep the mark
/// to itself until some later checkpoint.
pub(crate) fn mark(connection: &mut SqliteConnection) -> QueryResult<()> {
    connection.batch_execute(&format!("PRAGMA application_id = {}", i32::from_be_bytes(APPLICATION_ID)))
}

/// Settings of a connection that writes. Answers the journal mode that the file system allows: `wal`, or it cannot
/// be used.
pub(crate) fn set_up_writer(connection: &mut SqliteConnection) -> QueryResult<String> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        journal_mode: String,
    }

    connection.batch_execute(EVERY)?;
    connection.batch_execute(WRITER)?;
    let row: Row = sql_query("PRAGMA journal_mode = WAL").get_result(connection)?;
    Ok(row.journal_mode)
}

/// Settings of a connection that only reads.
pub(crate) fn set_up_reader(connection: &mut SqliteConnection) -> QueryResult<()> {
    connection.batch_execute(EVERY)?;
    connection.batch_execute("PRAGMA query_only = ON")
}

/// The library's version, such as `3.53.2`.
pub(crate) fn version(connection: &mut SqliteConnection) -> QueryResult<String> {
    let version: Line = sql_query("SELECT sqlite_version() AS line").get_result(connection)?;
    Ok(version.line)
}

/// Opens the transaction that the jobs of a batch share, with the right to write from the start: a right that is asked
/// for later can be refused in the middle.
pub(crate) fn begin_immediate(connection: &mut SqliteConnection) -> QueryResult<()> {
    AnsiTransactionManager::begin_transaction_sql(connection, "BEGIN IMMEDIATE")
}

/// The one writer is alone: nobody comes between the two statements.
pub(super) fn number(connection: &mut SqliteConnection, subject: SubjectColumns) -> QueryResult<i64> {
    let head: Count =
        sql_query("UPDATE revocation_head SET last = last + 1 WHERE id = 1 RETURNING last AS number")
            .get_result(connection)?;
    sql_query("INSERT INTO revocations (number, kind, subject_id, expires_at) VALUES (?, ?, ?, ?)")
        .bind::<BigInt, _>(head.number)
        .bind::<Text, _>(subject.kind)
        .bind::<Nullable<Id>, _>(subject.subject_id)
        .bind::<Nullable<Instant>, _>(subject.expires_at)
        .execute(connection)?;
    Ok(head.number)
}

pub(super) fn table_exists(connection: &mut SqliteConnection, table: &str) -> QueryResult<bool> {
    let found: Count =
        sql_query("SELECT count(*) AS number FROM sqlite_master WHERE type = 'table' AND name = ?")
            .bind::<Text, _>(table)
            .get_result(connection)?;
    Ok(found.number > 0)
}

/// What SQLite itself finds wrong with the file: pages, rows, and references to rows that do not exist.
pub(crate) fn check_file(connection: &mut SqliteConnection) -> QueryResult<Vec<String>> {
    #[derive(QueryableByName)]
    struct Dangling {
        #[diesel(sql_type = Text)]
        child: String,
        #[diesel(sql_type = Nullable<Text>)]
        parent: Option<String>,
    }

    let checked: Vec<Line> =
        sql_query("SELECT quick_check AS line FROM pragma_quick_check").load(connection)?;
    let dangling: Vec<Dangling> =
        sql_query("SELECT DISTINCT \"table\" AS child, parent FROM pragma_foreign_key_check")
            .load(connection)?;
    let pages = checked.into_iter().map(|row| row.line).filter(|line| line != "ok");
    let references = dangling.into_iter().map(|Dangling { child, parent }| {
        format!("rows of {child} refer to rows of {} that do not exist", parent.unwrap_or_default())
    });
    Ok(pages.chain(references).collect())
}

/// What SQLite itself finds wrong with the file when it compares every page and every entry of every index.
pub(crate) fn check_every_page(connection: &mut SqliteConnection) -> QueryResult<Vec<String>> {
    let checked: Vec<Line> =
        sql_query("SELECT integrity_check AS line FROM pragma_integrity_check").load(connection)?;
    Ok(checked.into_iter().map(|row| row.line).filter(|line| line != "ok").collect())
}

/// Works the write-ahead log into the database's file, to its end. Whether nobody was in the way.
pub(crate) fn empty_log(connection: &mut SqliteConnection) -> QueryResult<bool> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        busy: i64,
    }

    let row: Row = sql_query("PRAGMA wal_checkpoint(TRUNCATE)").get_result(connection)?;
    Ok(row.busy == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_statistics_are_compiled_out() {
        let mut connection = SqliteConnection::establish(":memory:").unwrap();
        let options: Vec<Line> = sql_query("SELECT compile_options AS line FROM pragma_compile_options")
            .load(&mut connection)
            .unwrap();
        // Readers are 3.5 times slower with them. `.cargo/config.toml` sets LIBSQLITE3_FLAGS.
        assert!(options.iter().any(|option| option.line == "DEFAULT_MEMSTATUS=0"));
    }
}
