//! Rows of `api_keys`.

use diesel::prelude::*;
use keyward_domain::keys::{
    ApiKey, Generation, KeyBinding, KeyHandle, KeyPrefix, KeyState, KeySummary, preview,
};
use keyward_domain::secret::Digest;
use keyward_domain::time::Instant;

use super::{counted, digest, parsed, unreadable};
use crate::error::Corrupt;
use crate::schema::api_keys;
use crate::types::{StoredId, StoredInstant};

/// A key.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = api_keys, treat_none_as_default_value = false)]
pub(crate) struct KeyRow {
    id: StoredId,
    handle: String,
    prefix: String,
    account_id: StoredId,
    agent_id: Option<StoredId>,
    environment: String,
    verifier: Vec<u8>,
    login_verifier: Option<Vec<u8>>,
    generation: i64,
    revoked_at: Option<StoredInstant>,
    revoked_reason: Option<String>,
    created_at: StoredInstant,
    last_used_at: Option<StoredInstant>,
}

impl From<&ApiKey> for KeyRow {
    fn from(key: &ApiKey) -> Self {
        let (agent_id, login_verifier) = match key.binding {
            KeyBinding::Account { login_verifier } => (None, login_verifier),
            KeyBinding::Agent(agent) => (Some(agent.into()), None),
        };
        let (revoked_at, revoked_reason) = match key.state {
            KeyState::Active => (None, None),
            KeyState::Revoked { at, reason } => (Some(at.into()), Some(reason.as_str().to_owned())),
        };
        Self {
            id: key.id.into(),
            handle: key.handle.as_str().to_owned(),
            prefix: key.prefix.as_str().to_owned(),
            account_id: key.account.into(),
            agent_id,
            environment: key.environment.as_str().to_owned(),
            verifier: bytes(&key.verifier),
            login_verifier: login_verifier.as_ref().map(bytes),
            generation: key.generation.number().into(),
            revoked_at,
            revoked_reason,
            created_at: key.created_at.into(),
            last_used_at: key.last_used_at.map(Into::into),
        }
    }
}

fn bytes(digest: &Digest) -> Vec<u8> {
    digest.as_bytes().to_vec()
}

impl TryFrom<KeyRow> for ApiKey {
    type Error = Corrupt;

    fn try_from(row: KeyRow) -> Result<Self, Corrupt> {
        let login_verifier = match &row.login_verifier {
            Some(bytes) => Some(digest("api_keys.login_verifier", bytes)?),
            None => None,
        };
        let binding = match (row.agent_id, login_verifier) {
            (None, login_verifier) => KeyBinding::Account { login_verifier },
            (Some(agent), None) => KeyBinding::Agent(agent.into()),
            (Some(_), Some(_)) => return Err(unreadable("api_keys.login_verifier")),
        };
        Ok(Self {
            id: row.id.into(),
            handle: KeyHandle::parse(&row.handle).map_err(|_| unreadable("api_keys.handle"))?,
            prefix: KeyPrefix::parse(&row.prefix).map_err(|_| unreadable("api_keys.prefix"))?,
            account: row.account_id.into(),
            binding,
            environment: parsed("api_keys.environment", &row.environment)?,
            verifier: digest("api_keys.verifier", &row.verifier)?,
            generation: Generation::new(counted("api_keys.generation", row.generation)?),
            state: state(row.revoked_at, row.revoked_reason.as_deref())?,
            created_at: row.created_at.into(),
            last_used_at: row.last_used_at.map(Into::into),
        })
    }
}

/// What a list reads of a key. Security: its verifiers stay where they are.
#[derive(Queryable, Selectable)]
#[diesel(table_name = api_keys)]
pub(crate) struct KeySummaryRow {
    id: StoredId,
    handle: String,
    prefix: String,
    account_id: StoredId,
    agent_id: Option<StoredId>,
    environment: String,
    revoked_at: Option<StoredInstant>,
    revoked_reason: Option<String>,
    created_at: StoredInstant,
    last_used_at: Option<StoredInstant>,
}

impl TryFrom<KeySummaryRow> for KeySummary {
    type Error = Corrupt;

    fn try_from(row: KeySummaryRow) -> Result<Self, Corrupt> {
        let handle = KeyHandle::parse(&row.handle).map_err(|_| unreadable("api_keys.handle"))?;
        let prefix = KeyPrefix::parse(&row.prefix).map_err(|_| unreadable("api_keys.prefix"))?;
        Ok(Self {
            id: row.id.into(),
            preview: preview(&prefix, handle),
            account: row.account_id.into(),
            agent: row.agent_id.map(Into::into),
            environment: parsed("api_keys.environment", &row.environment)?,
            state: state(row.revoked_at, row.revoked_reason.as_deref())?,
            created_at: row.created_at.into(),
            last_used_at: row.last_used_at.map(Into::into),
        })
    }
}

fn state(revoked_at: Option<StoredInstant>, reason: Option<&str>) -> Result<KeyState, Corrupt> {
    match (revoked_at.map(Instant::from), reason) {
        (None, None) => Ok(KeyState::Active),
        (Some(at), Some(reason)) => {
            Ok(KeyState::Revoked { at, reason: parsed("api_keys.revoked_reason", reason)? })
        }
        (Some(_), None) | (None, Some(_)) => Err(unreadable("api_keys.revoked_at")),
    }
}
