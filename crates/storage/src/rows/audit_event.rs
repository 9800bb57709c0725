//! Rows of `audit_events`.

use diesel::prelude::*;
use keyward_domain::audit::AuditEvent;

use super::{digest, parsed};
use crate::error::Corrupt;
use crate::schema::audit_events;
use crate::types::{StoredId, StoredInstant};

/// One thing that happened.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_events, treat_none_as_default_value = false)]
pub(crate) struct AuditEventRow {
    id: StoredId,
    at: StoredInstant,
    actor: String,
    action: String,
    target: String,
    account_id: Option<StoredId>,
    outcome: String,
    request_id: Option<StoredId>,
    mac: Vec<u8>,
}

impl From<&AuditEvent> for AuditEventRow {
    fn from(event: &AuditEvent) -> Self {
        Self {
            id: event.id.into(),
            at: event.at.into(),
            actor: event.actor.clone(),
            action: event.action.as_str().to_owned(),
            target: event.target.clone(),
            account_id: event.account.map(Into::into),
            outcome: event.outcome.as_str().to_owned(),
            request_id: event.request_id.map(Into::into),
            mac: event.mac.as_bytes().to_vec(),
        }
    }
}

impl TryFrom<AuditEventRow> for AuditEvent {
    type Error = Corrupt;

    fn try_from(row: AuditEventRow) -> Result<Self, Corrupt> {
        Ok(Self {
            id: row.id.into(),
            at: row.at.into(),
            action: parsed("audit_events.action", &row.action)?,
            outcome: parsed("audit_events.outcome", &row.outcome)?,
            actor: row.actor,
            target: row.target,
            account: row.account_id.map(Into::into),
            request_id: row.request_id.map(Into::into),
            mac: digest("audit_events.mac", &row.mac)?,
        })
    }
}
