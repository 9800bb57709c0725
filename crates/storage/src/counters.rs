//! What limits have counted, kept for the one server of a SQLite database: memory decides, and is written down.

use async_trait::async_trait;
use diesel::prelude::*;
use keyward_domain::limits::{Counter, CounterKey, CounterStore};
use keyward_domain::store::StoreError;
use keyward_domain::time::Instant;

use crate::Store;
use crate::error::Abort;
use crate::rows::CounterRow;
use crate::schema::limit_counters;
use crate::types::StoredInstant;

/// How many rows that are over go with one call.
const DELETED_AT_ONCE: i64 = 1_000;

#[async_trait]
impl CounterStore for Store {
    async fn load(&self, now: Instant) -> Result<Vec<Counter>, StoreError> {
        self.db
            .read(move |connection| {
                let rows = limit_counters::table
                    .filter(limit_counters::expires_at.gt(StoredInstant::from(now)))
                    .select(CounterRow::as_select())
                    .load(connection)?;
                let mut counters = Vec::with_capacity(rows.len());
                for row in rows {
                    counters.push(Counter::try_from(row)?);
                }
                Ok::<_, Abort<StoreError>>(counters)
            })
            .await
    }

    async fn save(
        &self,
        changed: Vec<Counter>,
        gone: Vec<CounterKey>,
        now: Instant,
    ) -> Result<(), StoreError> {
        self.db
            .write(move |connection| {
                let names = changed.iter().map(|counter| &counter.key).chain(&gone);
                let names: Vec<&[u8]> = names.map(|key| key.as_bytes().as_slice()).collect();
                diesel::delete(limit_counters::table.filter(limit_counters::key.eq_any(names)))
                    .execute(connection)?;
                for counter in changed {
                    diesel::insert_into(limit_counters::table)
                        .values(CounterRow::from(counter))
                        .execute(connection)?;
                }
                let over: Vec<Vec<u8>> = limit_counters::table
                    .filter(limit_counters::expires_at.le(StoredInstant::from(now)))
                    .order(limit_counters::expires_at.asc())
                    .limit(DELETED_AT_ONCE)
                    .select(limit_counters::key)
                    .load(connection)?;
                diesel::delete(limit_counters::table.filter(limit_counters::key.eq_any(over)))
                    .execute(connection)?;
                Ok(())
            })
            .await
    }
}
