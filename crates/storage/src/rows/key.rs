//! Rows of `api_keys`.

use diesel::prelude::*;
use keyward_domain::keys::{
    ApiKey, Generation, KeyBinding, KeyHandle, KeyLabel, KeyPrefix, KeyPurpose, KeyState, KeySummary,
    RevocationReason, preview,
};
use keyward_domain::scope::{Scope, Scopes};
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
    label: Option<String>,
    scopes: Option<String>,
    purpose: Option<String>,
    expires_at: Option<StoredInstant>,
    superseded_at: Option<StoredInstant>,
}

impl From<&ApiKey> for KeyRow {
    fn from(key: &ApiKey) -> Self {
        let (agent_id, login_verifier) = match key.binding {
            KeyBinding::Account { login_verifier } => (None, login_verifier),
            KeyBinding::Agent(agent) => (Some(agent.into()), None),
        };
        let StateColumns { revoked_at, revoked_reason, superseded_at } = key.state.into();
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
            revoked_reason: revoked_reason.map(str::to_owned),
            created_at: key.created_at.into(),
            last_used_at: key.last_used_at.map(Into::into),
            label: Some(key.label.as_str().to_owned()),
            scopes: scopes_column(key.scopes),
            purpose: Some(key.purpose.as_str().to_owned()),
            expires_at: key.expires_at.map(Into::into),
            superseded_at,
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
            state: state(row.revoked_at, row.revoked_reason.as_deref(), row.superseded_at)?,
            label: label(row.label.as_deref())?,
            scopes: scopes(row.scopes.as_deref()),
            purpose: purpose(row.purpose.as_deref())?,
            expires_at: row.expires_at.map(Into::into),
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
    #[diesel(select_expression = api_keys::login_verifier.is_not_null())]
    logs_in: bool,
    environment: String,
    revoked_at: Option<StoredInstant>,
    revoked_reason: Option<String>,
    created_at: StoredInstant,
    last_used_at: Option<StoredInstant>,
    label: Option<String>,
    scopes: Option<String>,
    purpose: Option<String>,
    expires_at: Option<StoredInstant>,
    superseded_at: Option<StoredInstant>,
}

impl TryFrom<KeySummaryRow> for KeySummary {
    type Error = Corrupt;

    fn try_from(row: KeySummaryRow) -> Result<Self, Corrupt> {
        let handle = KeyHandle::parse(&row.handle).map_err(|_| unreadable("api_keys.handle"))?;
        let prefix = KeyPrefix::parse(&row.prefix).map_err(|_| unreadable("api_keys.prefix"))?;
        Ok(Self {
            id: row.id.into(),
            preview: preview(&prefix, handle),
            prefix,
            account: row.account_id.into(),
            agent: row.agent_id.map(Into::into),
            logs_in: row.logs_in,
            environment: parsed("api_keys.environment", &row.environment)?,
            state: state(row.revoked_at, row.revoked_reason.as_deref(), row.superseded_at)?,
            label: label(row.label.as_deref())?,
            scopes: scopes(row.scopes.as_deref()),
            purpose: purpose(row.purpose.as_deref())?,
            expires_at: row.expires_at.map(Into::into),
            created_at: row.created_at.into(),
            last_used_at: row.last_used_at.map(Into::into),
        })
    }
}

/// The columns that say what was done to a key.
pub(crate) struct StateColumns {
    pub(crate) revoked_at: Option<StoredInstant>,
    pub(crate) revoked_reason: Option<&'static str>,
    pub(crate) superseded_at: Option<StoredInstant>,
}

impl From<KeyState> for StateColumns {
    fn from(state: KeyState) -> Self {
        match state {
            KeyState::Active => Self { revoked_at: None, revoked_reason: None, superseded_at: None },
            KeyState::Superseded { at } => {
                Self { revoked_at: None, revoked_reason: None, superseded_at: Some(at.into()) }
            }
            // The release before knows no such reason: to it, the owner has asked for it.
            KeyState::Revoked { at, reason: RevocationReason::Rotated } => Self {
                revoked_at: Some(at.into()),
                revoked_reason: Some(RevocationReason::Requested.as_str()),
                superseded_at: Some(at.into()),
            },
            KeyState::Revoked {
                at,
                reason: reason @ (RevocationReason::Requested | RevocationReason::ByAdmin),
            } => Self {
                revoked_at: Some(at.into()),
                revoked_reason: Some(reason.as_str()),
                superseded_at: None,
            },
        }
    }
}

fn state(
    revoked_at: Option<StoredInstant>,
    reason: Option<&str>,
    superseded_at: Option<StoredInstant>,
) -> Result<KeyState, Corrupt> {
    match (revoked_at.map(Instant::from), reason, superseded_at.map(Instant::from)) {
        (None, None, None) => Ok(KeyState::Active),
        (None, None, Some(at)) => Ok(KeyState::Superseded { at }),
        (Some(at), Some(reason), superseded_at) => {
            let reason = parsed("api_keys.revoked_reason", reason)?;
            let was_rotated = reason == RevocationReason::Requested && superseded_at == Some(at);
            let reason = if was_rotated { RevocationReason::Rotated } else { reason };
            Ok(KeyState::Revoked { at, reason })
        }
        (Some(_), None, _) | (None, Some(_), _) => Err(unreadable("api_keys.revoked_at")),
    }
}

fn label(text: Option<&str>) -> Result<KeyLabel, Corrupt> {
    KeyLabel::parse(text.unwrap_or_default()).map_err(|_| unreadable("api_keys.label"))
}

fn purpose(text: Option<&str>) -> Result<KeyPurpose, Corrupt> {
    text.map_or(Ok(KeyPurpose::General), |text| parsed("api_keys.purpose", text))
}

/// The names of the scopes between spaces; nothing for all rights.
fn scopes_column(scopes: Scopes) -> Option<String> {
    Some(scopes.listed()?.map(Scope::as_str).collect::<Vec<_>>().join(" "))
}

/// Security: a scope that this release does not know, because another beside it does, is one right less.
fn scopes(text: Option<&str>) -> Scopes {
    match text {
        None => Scopes::ALL,
        Some(text) => Scopes::of(text.split_ascii_whitespace().filter_map(|scope| scope.parse().ok())),
    }
}
