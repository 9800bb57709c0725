//! Rows of `idempotency_records`.

use diesel::prelude::*;
use keyward_domain::idempotency::IdempotencyRecord;

use super::digest;
use crate::error::Corrupt;
use crate::schema::idempotency_records;
use crate::types::{StoredId, StoredInstant};

/// What was answered to a request that may be repeated.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = idempotency_records)]
pub(crate) struct IdempotencyRecordRow {
    lookup: Vec<u8>,
    body: Vec<u8>,
    account_id: StoredId,
    sealed: Vec<u8>,
    created_at: StoredInstant,
    expires_at: StoredInstant,
}

impl From<&IdempotencyRecord> for IdempotencyRecordRow {
    fn from(record: &IdempotencyRecord) -> Self {
        Self {
            lookup: record.lookup.as_bytes().to_vec(),
            body: record.body.as_bytes().to_vec(),
            account_id: record.account.into(),
            sealed: record.sealed.clone(),
            created_at: record.created_at.into(),
            expires_at: record.expires_at.into(),
        }
    }
}

impl TryFrom<IdempotencyRecordRow> for IdempotencyRecord {
    type Error = Corrupt;

    fn try_from(row: IdempotencyRecordRow) -> Result<Self, Corrupt> {
        Ok(Self {
            lookup: digest("idempotency_records.lookup", &row.lookup)?,
            body: digest("idempotency_records.body", &row.body)?,
            account: row.account_id.into(),
            sealed: row.sealed,
            created_at: row.created_at.into(),
            expires_at: row.expires_at.into(),
        })
    }
}
