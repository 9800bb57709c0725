//! Rows of `outbox`.

use std::time::Duration;

use diesel::prelude::*;
use keyward_domain::mail::{OutboxEntry, Recipient, SealedIdentity};

use super::{counted, parsed, unreadable};
use crate::error::Corrupt;
use crate::schema::outbox;
use crate::types::{StoredId, StoredInstant};

/// A mail that is to be sent.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = outbox, treat_none_as_default_value = false)]
pub(crate) struct OutboxRow {
    pub(crate) id: StoredId,
    kind: String,
    account_id: Option<StoredId>,
    sealed_identity: Option<Vec<u8>>,
    link_seconds: Option<i64>,
    created_at: StoredInstant,
    attempts: i64,
    due_at: StoredInstant,
}

impl From<&OutboxEntry> for OutboxRow {
    fn from(entry: &OutboxEntry) -> Self {
        let (account_id, sealed_identity) = match &entry.recipient {
            Recipient::Account(id) => (Some((*id).into()), None),
            Recipient::Typed(sealed) => (None, Some(sealed.as_bytes().to_vec())),
        };
        Self {
            id: entry.id.into(),
            kind: entry.kind.as_str().to_owned(),
            account_id,
            sealed_identity,
            link_seconds: entry
                .link_lifetime
                .map(|lifetime| lifetime.as_secs().try_into().unwrap_or(i64::MAX)),
            created_at: entry.created_at.into(),
            attempts: entry.attempts.into(),
            due_at: entry.due_at.into(),
        }
    }
}

impl TryFrom<OutboxRow> for OutboxEntry {
    type Error = Corrupt;

    fn try_from(row: OutboxRow) -> Result<Self, Corrupt> {
        let recipient = match (row.account_id, row.sealed_identity) {
            (Some(id), None) => Recipient::Account(id.into()),
            (None, Some(sealed)) => Recipient::Typed(SealedIdentity::new(sealed)),
            (Some(_), Some(_)) | (None, None) => return Err(unreadable("outbox.account_id")),
        };
        Ok(Self {
            id: row.id.into(),
            kind: parsed("outbox.kind", &row.kind)?,
            recipient,
            link_lifetime: row.link_seconds.map(lifetime).transpose()?,
            created_at: row.created_at.into(),
            attempts: counted("outbox.attempts", row.attempts)?,
            due_at: row.due_at.into(),
        })
    }
}

fn lifetime(seconds: i64) -> Result<Duration, Corrupt> {
    Ok(Duration::from_secs(u64::try_from(seconds).map_err(|_| unreadable("outbox.link_seconds"))?))
}
