//! What was answered to requests that may be repeated, on either database.

use async_trait::async_trait;
use diesel::prelude::*;
use keyward_domain::idempotency::{IdempotencyRecord, IdempotencyStore};
use keyward_domain::secret::Digest;
use keyward_domain::store::StoreError;
use keyward_domain::time::Instant;

use crate::Store;
use crate::connection::AnyConnection;
use crate::error::{ANSWERED, Abort, orphan_means};
use crate::rows::IdempotencyRecordRow;
use crate::schema::idempotency_records;
use crate::types::StoredInstant;

#[async_trait]
impl IdempotencyStore for Store {
    async fn find(&self, lookup: Digest, now: Instant) -> Result<Option<IdempotencyRecord>, StoreError> {
        self.db
            .read(move |connection| {
                let is_it = idempotency_records::lookup.eq(lookup.as_bytes().as_slice());
                let is_current = idempotency_records::expires_at.gt(StoredInstant::from(now));
                let row = idempotency_records::table
                    .filter(is_it.and(is_current))
                    .select(IdempotencyRecordRow::as_select())
                    .first(connection)
                    .optional()?;
                Ok(row.map(IdempotencyRecord::try_from).transpose()?)
            })
            .await
    }

    async fn forget(&self, expired_by: Instant) -> Result<(), StoreError> {
        self.db
            .write(move |connection| {
                let is_over = idempotency_records::expires_at.le(StoredInstant::from(expired_by));
                diesel::delete(idempotency_records::table.filter(is_over)).execute(connection)?;
                Ok(())
            })
            .await
    }
}

/// Why a deed's record cannot be written.
pub(crate) struct Refusals<E> {
    /// The same request was answered already.
    pub(crate) repeated: E,
    /// The account is gone.
    pub(crate) orphan: E,
}

/// Writes a deed's record, if it has one, before anything that the deed changes: whoever else answers the same request
/// waits here for its end, and learns that it was answered before meeting what it did. A deed that locks the account
/// does so before this: the record refers to it.
pub(crate) fn record<E>(
    connection: &mut AnyConnection,
    record: Option<&IdempotencyRecord>,
    refusals: Refusals<E>,
) -> Result<(), Abort<E>> {
    let Some(record) = record.filter(|_| !cfg!(feature = "sabotage-no-idempotency-record")) else {
        return Ok(());
    };
    let is_it = idempotency_records::lookup.eq(record.lookup.as_bytes().as_slice());
    let is_over = idempotency_records::expires_at.le(StoredInstant::from(record.created_at));
    diesel::delete(idempotency_records::table.filter(is_it.and(is_over))).execute(connection)?;
    let inserted = diesel::insert_into(idempotency_records::table)
        .values(IdempotencyRecordRow::from(record))
        .execute(connection);
    match inserted {
        Ok(_) => Ok(()),
        Err(error) if ANSWERED.is_violated(&error) => Err(Abort::Refused(refusals.repeated)),
        Err(error) => Err(orphan_means(refusals.orphan)(error)),
    }
}
