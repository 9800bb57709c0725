//! The counters that guard credentials on PostgreSQL: rows that all servers share, each step one statement.
//!
//! They have connections of their own, that do not wait for the disk: what a crash of the database may take is the last
//! half second of counting, and what a flood of logins takes is nobody else's connection.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use diesel::PgConnection;
use diesel::prelude::*;
use keyward_domain::limits::{
    Attempt, Bucket, CounterUpkeep, Decision, ExactLimiter, GuardKey, GuardPolicy, LimitMac, Quota,
};
use keyward_domain::secret::Digest;
use keyward_domain::store::StoreError;
use keyward_domain::time::Instant;

use crate::Store;
use crate::connection::AnyConnection;
use crate::db::Db;
use crate::error::Abort;
use crate::manager::{Role, pool};
use crate::native::counters::{self, GiveBack, Guard, Take, TryOnce};
use crate::rows::guard;
use crate::schema::limit_counters;
use crate::types::StoredInstant;

/// How many connections count.
const CONNECTIONS: u32 = 4;
/// How often a step begins anew whose row came and went meanwhile.
const ROUNDS: usize = 8;
/// An end is rounded up to this, so that a row that is written again seldom has another one.
const END_STEP: i64 = 600_000_000;
/// How many rows that are over go at once, and how often.
const DELETED_AT_ONCE: i64 = 1_000;
const DELETIONS: usize = 10;
/// From here on further failures make no delay longer: the doubling has reached the end of its numbers.
const DOUBLINGS: u32 = 33;

/// Counts what guards credentials, exactly over all servers on one database.
#[derive(Clone)]
pub struct SharedCounters {
    db: Db,
    mac: Arc<dyn LimitMac>,
}

impl Store {
    /// The counters in this database, if it is one that several servers can share. Connects when they are used.
    pub fn shared_counters(&self, mac: Arc<dyn LimitMac>) -> Option<SharedCounters> {
        if self.has_one_server() {
            return None;
        }
        Some(SharedCounters { db: self.db.beside(pool(&self.url, CONNECTIONS, Role::Counting)), mac })
    }
}

type Step<T> = Result<T, Abort<StoreError>>;

impl SharedCounters {
    fn key(&self, bucket: Bucket) -> Digest {
        self.mac.mac(&bucket.bytes())
    }

    /// One statement, which commits by itself. If the connection turns out to be gone it is made again on another one:
    /// what was done already is then counted twice, never not at all.
    async fn step<T: Send + 'static>(
        &self,
        step: impl Fn(&mut PgConnection) -> Step<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.db
            .read(move |connection| match connection {
                AnyConnection::Postgres(connection) => step(connection),
                AnyConnection::Sqlite(_) => {
                    Err(Abort::Refused(StoreError::Unavailable("not PostgreSQL".to_owned())))
                }
            })
            .await
    }
}

#[async_trait]
impl ExactLimiter for SharedCounters {
    async fn take(&self, bucket: Bucket, quota: Quota, now: Instant) -> Result<Decision, StoreError> {
        let key = self.key(bucket);
        self.step(move |connection| take(connection, key.as_bytes(), quota, now)).await
    }

    async fn give_back(&self, bucket: Bucket, quota: Quota, now: Instant) -> Result<(), StoreError> {
        let key = self.key(bucket);
        let given = GiveBack {
            now: now.into(),
            interval_micros: quota.interval_micros(),
            latest_possible: moved(now, quota.most_missing_micros()),
            empty: moved(now, quota.window_micros()),
        };
        self.step(move |connection| {
            counters::give_back(connection, key.as_bytes(), &given)?;
            Ok(())
        })
        .await
    }

    async fn attempt(
        &self,
        guard: GuardKey,
        policy: GuardPolicy,
        now: Instant,
    ) -> Result<Attempt, StoreError> {
        self.step(move |connection| attempt(connection, guard.0.as_bytes(), policy, now)).await
    }

    async fn withdraw(&self, guard: GuardKey) -> Result<(), StoreError> {
        self.step(move |connection| {
            counters::withdraw(connection, guard.0.as_bytes())?;
            Ok(())
        })
        .await
    }

    async fn forgive(&self, guard: GuardKey) -> Result<(), StoreError> {
        self.step(move |connection| {
            diesel::delete(limit_counters::table.find(guard.0.as_bytes().as_slice())).execute(connection)?;
            Ok(())
        })
        .await
    }

    async fn remembers(&self, mark: Digest, now: Instant) -> Result<bool, StoreError> {
        self.step(move |connection| {
            let kept: Option<StoredInstant> = limit_counters::table
                .find(mark.as_bytes().as_slice())
                .filter(limit_counters::kind.eq("mark"))
                .select(limit_counters::expires_at)
                .first(connection)
                .optional()?;
            Ok(kept.is_some_and(|until| Instant::from(until) > now))
        })
        .await
    }

    async fn remember(&self, mark: Digest, until: Instant) -> Result<(), StoreError> {
        self.step(move |connection| {
            counters::remember(connection, mark.as_bytes(), until.into())?;
            Ok(())
        })
        .await
    }
}

#[async_trait]
impl CounterUpkeep for SharedCounters {
    /// What changes is written at once. Each server deletes what is over, some rows at a time.
    async fn keep_up(&self, now: Instant) -> Result<(), StoreError> {
        for _ in 0..DELETIONS {
            let deleted = self
                .step(move |connection| Ok(counters::delete_over(connection, now.into(), DELETED_AT_ONCE)?))
                .await?;
            if i64::try_from(deleted).is_ok_and(|deleted| deleted < DELETED_AT_ONCE) {
                break;
            }
        }
        Ok(())
    }
}

fn take(connection: &mut PgConnection, key: &[u8], quota: Quota, now: Instant) -> Step<Decision> {
    let (interval, window) = (quota.interval_micros(), quota.window_micros());
    let one = Take {
        now: now.into(),
        interval_micros: interval,
        latest_full_at: moved(now, window.saturating_sub(interval)),
        expires_at: end(now, window),
    };
    for _ in 0..ROUNDS {
        let Some(bucket) = counters::take(connection, key, &one)? else { continue };
        let full_at = Instant::from(bucket.full_at);
        if bucket.passed {
            return Ok(Decision::Passed(quota.standing(Some(full_at), now)));
        }
        // It has changed between the two looks if it would pass now.
        if let (Decision::Refused(standing), corrected) = quota.take(Some(full_at), now) {
            if let Some(corrected) = corrected {
                counters::correct_bucket(connection, key, bucket.full_at, corrected.into())?;
            }
            return Ok(Decision::Refused(standing));
        }
    }
    Err(Abort::Refused(StoreError::Busy))
}

fn attempt(connection: &mut PgConnection, key: &[u8], policy: GuardPolicy, now: Instant) -> Step<Attempt> {
    let once = TryOnce {
        now: now.into(),
        forgotten: now.saturating_sub(policy.forgotten_after).into(),
        free_failures: policy.free_failures.into(),
        latest: latest(policy, now),
        expires_at: end(now, micros(policy.forgotten_after)),
    };
    for _ in 0..ROUNDS {
        let Some(kept) = counters::attempt(connection, key, &once)? else { continue };
        if kept.allowed {
            return Ok(Attempt::Allowed);
        }
        let Guard { failures, last_at, .. } = kept;
        if let (Attempt::Wait(wait), corrected) = policy.attempt(Some(guard(failures, last_at)?), now) {
            if let Some(corrected) = corrected {
                counters::correct_guard(connection, key, &kept, corrected.last_at.into())?;
            }
            return Ok(Attempt::Wait(wait));
        }
    }
    Err(Abort::Refused(StoreError::Busy))
}

/// When the last attempt must have been made so that one may be made now, for each number of failures from the one on
/// that is delayed first.
fn latest(policy: GuardPolicy, now: Instant) -> Vec<StoredInstant> {
    let mut moments = Vec::new();
    for beyond in 0..DOUBLINGS {
        let delay = policy.delay(policy.free_failures.saturating_add(beyond));
        moments.push(now.saturating_sub(delay).into());
        if delay >= policy.longest_delay {
            break;
        }
    }
    moments
}

/// When a row that says nothing for longer than this any more may be deleted.
fn end(now: Instant, micros: i64) -> StoredInstant {
    let end = now.unix_micros().saturating_add(micros);
    let rounded = end.saturating_add(END_STEP - end.rem_euclid(END_STEP));
    Instant::from_unix_micros(rounded).unwrap_or(now.saturating_add(Duration::MAX)).into()
}

fn moved(now: Instant, micros: i64) -> StoredInstant {
    now.saturating_add(Duration::from_micros(u64::try_from(micros).unwrap_or(0))).into()
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}
