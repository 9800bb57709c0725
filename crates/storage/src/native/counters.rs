//! PostgreSQL: what limits count, each step one statement that is exact over all servers.
//!
//! A statement that looks before it writes: where there is no room as of its beginning, nothing is locked and nothing
//! written, so that whoever is refused costs a read. Where there is, the row is looked at again under its lock.

#![allow(clippy::disallowed_methods, reason = "this folder is the home of SQL by hand")]

use diesel::data_types::PgInterval;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Bytea, Interval};
use diesel::{PgConnection, QueryableByName, sql_query};

use crate::types::{Instant, StoredInstant};

/// One of a bucket, in moments: the arithmetic is the domain's.
pub(crate) struct Take {
    pub(crate) now: StoredInstant,
    pub(crate) interval_micros: i64,
    /// A bucket that is full later than this has no room for one.
    pub(crate) latest_full_at: StoredInstant,
    pub(crate) expires_at: StoredInstant,
}

/// How a bucket is.
#[derive(QueryableByName)]
pub(crate) struct Bucket {
    /// Whether one was taken.
    #[diesel(sql_type = Bool)]
    pub(crate) passed: bool,
    #[diesel(sql_type = Instant)]
    pub(crate) full_at: StoredInstant,
}

/// Takes one if there is room. `None` if the row came and went meanwhile: ask again.
pub(crate) fn take(connection: &mut PgConnection, key: &[u8], take: &Take) -> QueryResult<Option<Bucket>> {
    sql_query(
        "WITH kept AS (SELECT full_at FROM limit_counters WHERE key = $1), \
         taken AS ( \
           INSERT INTO limit_counters AS counter (key, kind, full_at, expires_at) \
           SELECT $1, 'bucket', $2 + $3, $4 WHERE NOT EXISTS (SELECT 1 FROM kept WHERE full_at > $5) \
           ON CONFLICT (key) DO UPDATE SET \
             full_at = greatest(counter.full_at, $2) + $3, \
             expires_at = greatest(counter.expires_at, excluded.expires_at) \
           WHERE counter.full_at <= $5 \
           RETURNING full_at) \
         SELECT true AS passed, full_at FROM taken \
         UNION ALL \
         SELECT false AS passed, full_at FROM kept WHERE NOT EXISTS (SELECT 1 FROM taken)",
    )
    .bind::<Bytea, _>(key)
    .bind::<Instant, _>(take.now)
    .bind::<Interval, _>(micros(take.interval_micros))
    .bind::<Instant, _>(take.expires_at)
    .bind::<Instant, _>(take.latest_full_at)
    .get_result(connection)
    .optional()
}

/// What is given back to a bucket, in moments.
pub(crate) struct GiveBack {
    pub(crate) now: StoredInstant,
    pub(crate) interval_micros: i64,
    /// Later than this no bucket can be full: the clock was stepped back, and it counts as empty.
    pub(crate) latest_possible: StoredInstant,
    pub(crate) empty: StoredInstant,
}

/// Gives one back. A bucket that is full stays so.
pub(crate) fn give_back(connection: &mut PgConnection, key: &[u8], given: &GiveBack) -> QueryResult<usize> {
    sql_query(
        "UPDATE limit_counters \
         SET full_at = greatest(CASE WHEN full_at > $4 THEN $5 ELSE full_at END - $3, $2) \
         WHERE key = $1 AND full_at > $2",
    )
    .bind::<Bytea, _>(key)
    .bind::<Instant, _>(given.now)
    .bind::<Interval, _>(micros(given.interval_micros))
    .bind::<Instant, _>(given.latest_possible)
    .bind::<Instant, _>(given.empty)
    .execute(connection)
}

/// Sets a bucket right that cannot be so, unless it has changed meanwhile.
pub(crate) fn correct_bucket(
    connection: &mut PgConnection,
    key: &[u8],
    from: StoredInstant,
    to: StoredInstant,
) -> QueryResult<usize> {
    sql_query("UPDATE limit_counters SET full_at = $3 WHERE key = $1 AND full_at = $2")
        .bind::<Bytea, _>(key)
        .bind::<Instant, _>(from)
        .bind::<Instant, _>(to)
        .execute(connection)
}

/// One attempt, in moments: the arithmetic is the domain's.
pub(crate) struct TryOnce {
    pub(crate) now: StoredInstant,
    /// Attempts that were made at this moment or before are forgotten.
    pub(crate) forgotten: StoredInstant,
    /// With fewer failures nobody waits.
    pub(crate) free_failures: i64,
    /// With so many failures, and one more each: when the last one must have been made, at the latest. The last moment
    /// is that for any number beyond.
    pub(crate) latest: Vec<StoredInstant>,
    pub(crate) expires_at: StoredInstant,
}

/// How a guard stands.
#[derive(QueryableByName)]
pub(crate) struct Guard {
    /// Whether the attempt may be made, and was counted.
    #[diesel(sql_type = Bool)]
    pub(crate) allowed: bool,
    #[diesel(sql_type = BigInt)]
    pub(crate) failures: i64,
    #[diesel(sql_type = Instant)]
    pub(crate) last_at: StoredInstant,
}

/// The condition under which an attempt may be made, of the row by this name.
macro_rules! may {
    ($row:literal) => {
        concat!(
            "(",
            $row,
            ".failures = 0 OR ",
            $row,
            ".failures < $4 OR ",
            $row,
            ".last_at <= $3 OR ",
            $row,
            ".last_at <= ($5)[least(",
            $row,
            ".failures - $4, $6 - 1)::int + 1])"
        )
    };
}

/// Counts an attempt if it may be made. `None` if the row came and went meanwhile: ask again.
pub(crate) fn attempt(
    connection: &mut PgConnection,
    key: &[u8],
    attempt: &TryOnce,
) -> QueryResult<Option<Guard>> {
    sql_query(concat!(
        "WITH kept AS (SELECT failures, last_at FROM limit_counters WHERE key = $1), \
         made AS ( \
           INSERT INTO limit_counters AS counter (key, kind, failures, last_at, expires_at) \
           SELECT $1, 'guard', 1, $2, $7 WHERE NOT EXISTS (SELECT 1 FROM kept WHERE NOT ",
        may!("kept"),
        ") ON CONFLICT (key) DO UPDATE SET \
             failures = CASE WHEN counter.last_at <= $3 THEN 1 ELSE least(counter.failures + 1, 4294967295) END, \
             last_at = $2, \
             expires_at = greatest(counter.expires_at, excluded.expires_at) \
           WHERE ",
        may!("counter"),
        " RETURNING failures, last_at) \
         SELECT true AS allowed, failures, last_at FROM made \
         UNION ALL \
         SELECT false AS allowed, failures, last_at FROM kept WHERE NOT EXISTS (SELECT 1 FROM made)"
    ))
    .bind::<Bytea, _>(key)
    .bind::<Instant, _>(attempt.now)
    .bind::<Instant, _>(attempt.forgotten)
    .bind::<BigInt, _>(attempt.free_failures)
    .bind::<Array<Instant>, _>(&attempt.latest)
    .bind::<BigInt, _>(i64::try_from(attempt.latest.len()).unwrap_or(i64::MAX))
    .bind::<Instant, _>(attempt.expires_at)
    .get_result(connection)
    .optional()
}

/// Sets a guard right whose last attempt cannot have been then, unless it has changed meanwhile.
pub(crate) fn correct_guard(
    connection: &mut PgConnection,
    key: &[u8],
    from: &Guard,
    to: StoredInstant,
) -> QueryResult<usize> {
    sql_query("UPDATE limit_counters SET last_at = $4 WHERE key = $1 AND failures = $2 AND last_at = $3")
        .bind::<Bytea, _>(key)
        .bind::<BigInt, _>(from.failures)
        .bind::<Instant, _>(from.last_at)
        .bind::<Instant, _>(to)
        .execute(connection)
}

/// Takes one attempt back. A guard without any says nothing, and is deleted at its end.
pub(crate) fn withdraw(connection: &mut PgConnection, key: &[u8]) -> QueryResult<usize> {
    sql_query("UPDATE limit_counters SET failures = failures - 1 WHERE key = $1 AND failures > 0")
        .bind::<Bytea, _>(key)
        .execute(connection)
}

/// Remembers a mark.
pub(crate) fn remember(
    connection: &mut PgConnection,
    key: &[u8],
    until: StoredInstant,
) -> QueryResult<usize> {
    sql_query(
        "INSERT INTO limit_counters (key, kind, expires_at) VALUES ($1, 'mark', $2) \
         ON CONFLICT (key) DO UPDATE SET expires_at = excluded.expires_at",
    )
    .bind::<Bytea, _>(key)
    .bind::<Instant, _>(until)
    .execute(connection)
}

/// Deletes some that are over, and says how many. A row that is written meanwhile is looked at again, and stays.
pub(crate) fn delete_over(
    connection: &mut PgConnection,
    now: StoredInstant,
    most: i64,
) -> QueryResult<usize> {
    sql_query(
        "DELETE FROM limit_counters WHERE expires_at <= $1 AND key IN ( \
           SELECT key FROM limit_counters WHERE expires_at <= $1 \
           ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)",
    )
    .bind::<Instant, _>(now)
    .bind::<BigInt, _>(most)
    .execute(connection)
}

fn micros(micros: i64) -> PgInterval {
    PgInterval::from_microseconds(micros)
}
