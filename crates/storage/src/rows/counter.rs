//! Rows of `limit_counters`.

use diesel::prelude::*;
use keyward_domain::limits::{Counter, CounterValue, GuardState};
use keyward_domain::time::Instant;

use super::{counted, digest, unreadable};
use crate::error::Corrupt;
use crate::schema::limit_counters;
use crate::types::StoredInstant;

const BUCKET: &str = "bucket";
const GUARD: &str = "guard";
const MARK: &str = "mark";

/// What a limit counts.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = limit_counters)]
pub(crate) struct CounterRow {
    key: Vec<u8>,
    kind: String,
    full_at: Option<StoredInstant>,
    failures: Option<i64>,
    last_at: Option<StoredInstant>,
    expires_at: StoredInstant,
}

impl From<Counter> for CounterRow {
    fn from(counter: Counter) -> Self {
        let (kind, full_at, guard) = match counter.value {
            CounterValue::Bucket { full_at } => (BUCKET, Some(full_at.into()), None),
            CounterValue::Guard(state) => (GUARD, None, Some(state)),
            CounterValue::Mark => (MARK, None, None),
        };
        Self {
            key: counter.key.as_bytes().to_vec(),
            kind: kind.to_owned(),
            full_at,
            failures: guard.map(|guard| guard.failures.into()),
            last_at: guard.map(|guard| guard.last_at.into()),
            expires_at: counter.expires_at.into(),
        }
    }
}

impl TryFrom<CounterRow> for Counter {
    type Error = Corrupt;

    fn try_from(row: CounterRow) -> Result<Self, Corrupt> {
        let value = match (row.kind.as_str(), row.full_at, row.failures, row.last_at) {
            (BUCKET, Some(full_at), None, None) => CounterValue::Bucket { full_at: full_at.into() },
            (GUARD, None, Some(failures), Some(last_at)) => CounterValue::Guard(guard(failures, last_at)?),
            (MARK, None, None, None) => CounterValue::Mark,
            _ => return Err(unreadable("limit_counters.kind")),
        };
        let key = digest("limit_counters.key", &row.key)?;
        Ok(Self { key, value, expires_at: Instant::from(row.expires_at) })
    }
}

/// A guard by its columns.
pub(crate) fn guard(failures: i64, last_at: StoredInstant) -> Result<GuardState, Corrupt> {
    Ok(GuardState { failures: counted("limit_counters.failures", failures)?, last_at: last_at.into() })
}
