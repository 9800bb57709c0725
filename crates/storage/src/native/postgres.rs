//! PostgreSQL: the settings of a session, and statements that the derive lacks.

#![allow(clippy::disallowed_methods, reason = "this folder is the home of SQL by hand")]

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Nullable, Text};
use diesel::{PgConnection, QueryableByName, sql_query};

use crate::rows::SubjectColumns;
use crate::types::{Id, Instant};

/// Every connection that serves requests: nothing it is asked can take longer than the callers wait.
const SERVING: &str = "\
    SET TIME ZONE 'UTC';\
    SET default_transaction_isolation = 'read committed';\
    SET statement_timeout = 2000;\
    SET lock_timeout = 1000;\
    SET idle_in_transaction_session_timeout = 10000";

/// What a connection that counts does besides: a count that a crash of the database takes is no loss worth waiting for.
const COUNTING: &str = "SET synchronous_commit = off";

/// A connection that migrates or checks the whole database: its statements take what they take, but it does not
/// queue long for a lock behind which everybody else would queue too.
const MAINTENANCE: &str = "\
    SET TIME ZONE 'UTC';\
    SET default_transaction_isolation = 'read committed';\
    SET statement_timeout = 0;\
    SET lock_timeout = 5000";

/// Which of several programs on one server: `pg_advisory_lock` has one space of numbers for all. "keyward", in ASCII.
const MIGRATING: i64 = 0x006b_6579_7761_7264;

pub(crate) fn set_up_for_serving(connection: &mut PgConnection) -> QueryResult<()> {
    connection.batch_execute(SERVING)
}

pub(crate) fn set_up_for_counting(connection: &mut PgConnection) -> QueryResult<()> {
    connection.batch_execute(SERVING)?;
    connection.batch_execute(COUNTING)
}

pub(crate) fn set_up_for_maintenance(connection: &mut PgConnection) -> QueryResult<()> {
    connection.batch_execute(MAINTENANCE)
}

/// Waits until no other node migrates, and keeps the others waiting until the transaction ends.
pub(crate) fn migrate_alone(connection: &mut PgConnection) -> QueryResult<()> {
    connection.batch_execute("SET LOCAL lock_timeout = 60000")?;
    sql_query("SELECT pg_advisory_xact_lock($1)").bind::<BigInt, _>(MIGRATING).execute(connection)?;
    connection.batch_execute("SET LOCAL lock_timeout = 5000")
}

/// Takes a number at once, as from any sequence, and not as the last statement.
#[cfg(feature = "sabotage-plain-sequence")]
pub(super) fn take_number_early(connection: &mut PgConnection) -> QueryResult<()> {
    connection.batch_execute("CREATE SEQUENCE IF NOT EXISTS sabotage; SELECT nextval('sabotage')")
}

/// One statement, so that the head is locked for one round trip and the commit.
pub(super) fn number(connection: &mut PgConnection, subject: SubjectColumns) -> QueryResult<i64> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        number: i64,
    }

    if cfg!(feature = "sabotage-plain-sequence") {
        let row: Row = sql_query(
            "INSERT INTO revocations (number, kind, subject_id, expires_at) \
             VALUES (currval('sabotage'), $1, $2, $3) RETURNING number",
        )
        .bind::<Text, _>(subject.kind)
        .bind::<Nullable<Id>, _>(subject.subject_id)
        .bind::<Nullable<Instant>, _>(subject.expires_at)
        .get_result(connection)?;
        sql_query("UPDATE revocation_head SET last = greatest(last, $1)")
            .bind::<BigInt, _>(row.number)
            .execute(connection)?;
        return Ok(row.number);
    }
    let row: Row = sql_query(
        "WITH head AS (UPDATE revocation_head SET last = last + 1 WHERE id = 1 RETURNING last) \
         INSERT INTO revocations (number, kind, subject_id, expires_at) \
         SELECT last, $1, $2, $3 FROM head RETURNING number",
    )
    .bind::<Text, _>(subject.kind)
    .bind::<Nullable<Id>, _>(subject.subject_id)
    .bind::<Nullable<Instant>, _>(subject.expires_at)
    .get_result(connection)?;
    Ok(row.number)
}

pub(super) fn table_exists(connection: &mut PgConnection, table: &str) -> QueryResult<bool> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Bool)]
        found: bool,
    }

    let row: Row = sql_query("SELECT to_regclass($1) IS NOT NULL AS found")
        .bind::<Text, _>(table)
        .get_result(connection)?;
    Ok(row.found)
}

/// The names of all tables of the schema in which ours are, or would be made.
pub(super) fn tables(connection: &mut PgConnection) -> QueryResult<Vec<String>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        name: String,
    }

    let tables: Vec<Row> = sql_query(
        "SELECT tablename::text AS name FROM pg_catalog.pg_tables WHERE schemaname = current_schema()",
    )
    .load(connection)?;
    Ok(tables.into_iter().map(|table| table.name).collect())
}
