//! Rows of `sessions`.

use diesel::prelude::*;
use keyward_domain::accounts::Epoch;
use keyward_domain::sessions::Session;

use super::{counted, digest};
use crate::error::Corrupt;
use crate::schema::sessions;
use crate::types::{StoredId, StoredInstant};

/// What is stored of a session.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = sessions)]
pub(crate) struct SessionRow {
    id: StoredId,
    digest: Vec<u8>,
    pub(crate) account_id: StoredId,
    epoch: i64,
    began_at: StoredInstant,
    last_seen_at: StoredInstant,
    expires_at: StoredInstant,
}

impl From<&Session> for SessionRow {
    fn from(session: &Session) -> Self {
        Self {
            id: session.id.into(),
            digest: session.digest.as_bytes().to_vec(),
            account_id: session.account.into(),
            epoch: session.epoch.number().into(),
            began_at: session.began_at.into(),
            last_seen_at: session.last_seen_at.into(),
            expires_at: session.expires_at.into(),
        }
    }
}

impl TryFrom<SessionRow> for Session {
    type Error = Corrupt;

    fn try_from(row: SessionRow) -> Result<Self, Corrupt> {
        Ok(Self {
            id: row.id.into(),
            digest: digest("sessions.digest", &row.digest)?,
            account: row.account_id.into(),
            epoch: Epoch::new(counted("sessions.epoch", row.epoch)?),
            began_at: row.began_at.into(),
            last_seen_at: row.last_seen_at.into(),
            expires_at: row.expires_at.into(),
        })
    }
}
